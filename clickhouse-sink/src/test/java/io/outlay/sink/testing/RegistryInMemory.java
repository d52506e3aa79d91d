package io.outlay.sink.testing;

import io.outlay.serde.SchemaRegistry;
import io.outlay.serde.UnreadableRecordException;
import java.util.ArrayList;
import java.util.List;
import org.apache.avro.Schema;

/** Schemas by number. */
public final class RegistryInMemory implements SchemaRegistry {
  private final List<Schema> schemas = new ArrayList<>();

  @Override
  public synchronized int register(String subject, Schema schema) {
    int known = schemas.indexOf(schema);
    if (known >= 0) {
      return known + 1;
    }
    schemas.add(schema);
    return schemas.size();
  }

  @Override
  public synchronized Schema byId(int id) {
    if (id < 1 || id > schemas.size()) {
      throw new UnreadableRecordException("no schema " + id);
    }
    return schemas.get(id - 1);
  }
}
