package io.outlay.serde;

import org.apache.avro.Schema;

/** Where schemas get their numbers. Implementations are safe for concurrent use. */
public interface SchemaRegistry {
  /**
   * Registers a schema under a subject, or finds it there.
   *
   * @return its id
   * @throws RegistryException if the registry is away or refuses the schema as incompatible
   */
  int register(String subject, Schema schema);

  /**
   * The schema of an id.
   *
   * @throws UnreadableRecordException if there is none
   * @throws RegistryException if the registry is away
   */
  Schema byId(int id);
}
