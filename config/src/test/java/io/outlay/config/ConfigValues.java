package io.outlay.config;

import java.lang.reflect.Method;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/** A configuration as flat keys and texts, so that a test compares all of it and misses no key. */
final class ConfigValues {
  private ConfigValues() {}

  /** One {@code key=value} to a line, ordered by key; lists by index. */
  static String of(OutlayConfig config) {
    SortedMap<String, String> values = new TreeMap<>();
    collect("", OutlayConfig.class, config, values);
    StringBuilder lines = new StringBuilder();
    values.forEach((key, value) -> lines.append(key).append('=').append(value).append('\n'));
    return lines.toString();
  }

  private static void collect(
      String prefix, Class<?> group, Object values, SortedMap<String, String> found) {
    for (Method method : group.getDeclaredMethods()) {
      if (method.isSynthetic()) {
        continue;
      }
      String key = prefix + method.getName();
      Object value;
      try {
        value = method.invoke(values);
      } catch (ReflectiveOperationException e) {
        throw new IllegalStateException("cannot read " + key, e);
      }
      if (isGroup(method.getReturnType())) {
        collect(key + ".", method.getReturnType(), value, found);
      } else if (value instanceof List<?> list && !list.isEmpty() && group(list) != null) {
        for (int i = 0; i < list.size(); i++) {
          collect(key + "[" + i + "].", group(list), list.get(i), found);
        }
      } else {
        found.put(key, String.valueOf(value instanceof Optional<?> o ? o.orElse(null) : value));
      }
    }
  }

  private static boolean isGroup(Class<?> type) {
    return type.isInterface() && type.getEnclosingClass() == OutlayConfig.class;
  }

  private static Class<?> group(List<?> list) {
    for (Class<?> type : list.get(0).getClass().getInterfaces()) {
      if (isGroup(type)) {
        return type;
      }
    }
    return null;
  }
}
