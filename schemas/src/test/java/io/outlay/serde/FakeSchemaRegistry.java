package io.outlay.serde;

import java.util.ArrayList;
import java.util.List;
import org.apache.avro.Schema;

/** A registry in memory: ids count from 1, equal schemas share one, all are compatible. */
public final class FakeSchemaRegistry implements SchemaRegistry {
  private final List<Schema> schemas = new ArrayList<>();
  private final List<String> subjects = new ArrayList<>();
  private boolean away;

  @Override
  public synchronized int register(String subject, Schema schema) {
    answer();
    subjects.add(subject);
    int known = schemas.indexOf(schema);
    if (known < 0) {
      schemas.add(schema);
      known = schemas.size() - 1;
    }
    return known + 1;
  }

  @Override
  public synchronized Schema byId(int id) {
    answer();
    if (id < 1 || id > schemas.size()) {
      throw new UnreadableRecordException("the registry knows no schema with id " + id);
    }
    return schemas.get(id - 1);
  }

  /** Subjects that were registered, in order. */
  public synchronized List<String> subjects() {
    return List.copyOf(subjects);
  }

  /** From now on it answers, or does not. */
  public synchronized void setAway(boolean away) {
    this.away = away;
  }

  private void answer() {
    if (away) {
      throw new RegistryException("no answer from the schema registry");
    }
  }
}
