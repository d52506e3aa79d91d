package io.outlay.config;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;
import org.yaml.snakeyaml.nodes.MappingNode;
import org.yaml.snakeyaml.nodes.Node;
import org.yaml.snakeyaml.nodes.NodeTuple;
import org.yaml.snakeyaml.nodes.ScalarNode;
import org.yaml.snakeyaml.nodes.SequenceNode;

/** On which line of a file each key stands, such as {@code receivers[0].url}. */
final class Lines {
  /** Of no file: everything stays as it is. */
  static final Lines NONE = new Lines("", Map.of());

  private static final Pattern KEY =
      Pattern.compile("(?:^unknown key |\\boutlay\\.|^)([A-Za-z][\\w.\\[\\]-]*)");
  private static final Pattern LAST_PART = Pattern.compile("(\\.[^.\\[\\]]+|\\[\\d+])$");

  private static final int LONGEST_PATH = 500;

  private final String file;
  private final Map<String, Integer> lines;

  private Lines(String file, Map<String, Integer> lines) {
    this.file = file;
    this.lines = lines;
  }

  /**
   * @param file valid YAML
   * @throws UncheckedIOException if it cannot be read
   */
  static Lines of(Path file) {
    Map<String, Integer> lines = new HashMap<>();
    try (var reader = Files.newBufferedReader(file)) {
      // Of safe kinds only, as everywhere; nothing is constructed here.
      Node root = new Yaml(new SafeConstructor(new LoaderOptions())).compose(reader);
      if (root != null) {
        collect("", root, lines);
      }
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read the configuration file " + file + ": " + e, e);
    }
    return new Lines(file.toString(), lines);
  }

  /** The problems, one to a line, each that names a key of the file behind file and line. */
  String locate(List<String> problems) {
    return problems.stream().map(this::locate).collect(Collectors.joining("\n"));
  }

  private String locate(String problem) {
    for (Matcher key = KEY.matcher(problem); key.find(); ) {
      // A key that is missing stands where its group does.
      for (String path = key.group(1); !path.isEmpty(); path = parent(path)) {
        Integer line = lines.get(path);
        if (line != null) {
          return file + ":" + line + ": " + problem;
        }
      }
    }
    return problem;
  }

  private static String parent(String path) {
    Matcher last = LAST_PART.matcher(path);
    return last.find() ? path.substring(0, last.start()) : "";
  }

  private static void collect(String path, Node node, Map<String, Integer> lines) {
    if (path.length() > LONGEST_PATH) {
      // An alias may stand inside of what it names.
      return;
    }
    if (node instanceof MappingNode mapping) {
      for (NodeTuple entry : mapping.getValue()) {
        if (entry.getKeyNode() instanceof ScalarNode key) {
          String name = path.isEmpty() ? key.getValue() : path + "." + key.getValue();
          lines.put(name, line(key));
          collect(name, entry.getValueNode(), lines);
        }
      }
    } else if (node instanceof SequenceNode sequence) {
      for (int i = 0; i < sequence.getValue().size(); i++) {
        Node element = sequence.getValue().get(i);
        String name = path + "[" + i + "]";
        lines.put(name, line(element));
        collect(name, element, lines);
      }
    }
  }

  private static int line(Node node) {
    return node.getStartMark().getLine() + 1;
  }
}
