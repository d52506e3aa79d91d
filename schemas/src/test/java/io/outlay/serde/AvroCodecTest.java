package io.outlay.serde;

import io.outlay.schema.BudgetLevel;
import io.outlay.schema.BudgetState;
import io.outlay.schema.CostRecord;
import io.outlay.schema.Incident;
import io.outlay.schema.Notification;
import io.outlay.schema.RandomRecords;
import io.outlay.schema.UsageEvent;
import io.outlay.topic.Topic;
import io.outlay.topic.Topics;
import io.outlay.usage.EventType;
import io.outlay.usage.SampleEvents;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.apache.avro.Schema;
import org.apache.avro.SchemaBuilder;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericDatumReader;
import org.apache.avro.generic.GenericDatumWriter;
import org.apache.avro.generic.GenericRecord;
import org.apache.avro.io.BinaryEncoder;
import org.apache.avro.io.DecoderFactory;
import org.apache.avro.io.EncoderFactory;
import org.apache.avro.specific.SpecificRecord;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

class AvroCodecTest {
  private final FakeSchemaRegistry registry = new FakeSchemaRegistry();

  @Property(tries = 200)
  void everyValueOfEveryTopicComesBack(@ForAll long seed) {
    RandomRecords random = new RandomRecords(seed);
    for (Topic<?> topic : Topics.ALL) {
      comesBack(topic, random);
    }
  }

  @ParameterizedTest
  @EnumSource
  void everyTypeOfEventComesBack(EventType type) {
    AvroCodec<UsageEvent> codec = codec(Topics.USAGE);
    UsageEvent event = SampleEvents.of(type);

    assertThat(codec.decode(codec.encode(event))).isEqualTo(event);
  }

  @Test
  void aValueBeginsWithZeroAndTheIdOfItsSchema() {
    for (int i = 0; i < 300; i++) {
      registry.register("other", SchemaBuilder.fixed("F" + i).size(1));
    }
    AvroCodec<UsageEvent> codec = codec(Topics.USAGE);

    byte[] bytes = codec.encode(SampleEvents.of(EventType.LLM_USAGE));

    assertThat(codec.schemaId()).isEqualTo(301);
    assertThat(bytes).startsWith(0, 0, 0, 1, 45);
    assertThat(AvroCodec.schemaIdOf(bytes)).isEqualTo(301);
  }

  @Test
  void theSchemaIsRegisteredUnderTheSubjectOfTheTopic() {
    AvroCodec.of(Topics.COSTS, "staging.", registry);

    assertThat(registry.subjects()).containsExactly("staging.costs-value");
    assertThat(registry.byId(1)).isEqualTo(CostRecord.getClassSchema());
  }

  @Test
  void allFourBytesOfAnIdCount() {
    assertThat(AvroCodec.schemaIdOf(new byte[] {0, 1, 2, 3, 4})).isEqualTo(0x01020304);
    assertThat(AvroCodec.schemaIdOf(new byte[] {0, -1, -1, -1, -1, 9})).isEqualTo(-1);
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 4})
  void shortBytesAreUnreadable(int length) {
    AvroCodec<UsageEvent> codec = codec(Topics.USAGE);

    assertThatThrownBy(() -> codec.decode(new byte[length]))
        .isInstanceOf(UnreadableRecordException.class)
        .hasMessage("a value has at least 5 bytes, this one has " + length);
  }

  @ParameterizedTest
  @ValueSource(bytes = {1, '{', -1})
  void bytesThatBeginOtherwiseAreUnreadable(byte magic) {
    AvroCodec<UsageEvent> codec = codec(Topics.USAGE);
    byte[] bytes = codec.encode(SampleEvents.of(EventType.LLM_USAGE));
    bytes[0] = magic;

    assertThatThrownBy(() -> codec.decode(bytes))
        .isInstanceOf(UnreadableRecordException.class)
        .hasMessage("a value begins with byte 0, this one with " + Byte.toUnsignedInt(magic));
  }

  @Test
  void cutBytesAreUnreadableWhereverTheyAreCut() {
    AvroCodec<UsageEvent> codec = codec(Topics.USAGE);
    byte[] whole = codec.encode(SampleEvents.of(EventType.LLM_USAGE));

    for (int length = AvroCodec.HEADER_LENGTH; length < whole.length; length++) {
      byte[] cut = Arrays.copyOf(whole, length);
      assertThatThrownBy(() -> codec.decode(cut))
          .isInstanceOf(UnreadableRecordException.class)
          .hasMessageStartingWith("not a UsageEvent of schema 1: ");
    }
  }

  @Test
  void bytesBeyondTheEndAreUnreadable() {
    AvroCodec<UsageEvent> codec = codec(Topics.USAGE);
    byte[] whole = codec.encode(SampleEvents.of(EventType.LLM_USAGE));

    assertThatThrownBy(() -> codec.decode(Arrays.copyOf(whole, whole.length + 1)))
        .isInstanceOf(UnreadableRecordException.class)
        .hasMessage("bytes are left over after the UsageEvent");
  }

  @Test
  void aFailureLeavesNoTraceInTheNextValue() {
    AvroCodec<UsageEvent> codec = codec(Topics.USAGE);
    UsageEvent event = SampleEvents.of(EventType.GPU_USAGE);
    byte[] bytes = codec.encode(event);
    UsageEvent broken = SampleEvents.of(EventType.GPU_USAGE);
    broken.setTeam(null);

    assertThatThrownBy(() -> codec.decode(Arrays.copyOf(bytes, 20)))
        .isInstanceOf(UnreadableRecordException.class);
    assertThatThrownBy(() -> codec.encode(broken)).isInstanceOf(RuntimeException.class);

    assertThat(codec.encode(event)).isEqualTo(bytes);
    assertThat(codec.decode(bytes)).isEqualTo(event);
  }

  /** Whatever a publisher sends ends as a dead letter and never stops the one who reads. */
  @Property(tries = 5_000)
  void damagedBytesAreReadOrUnreadableButNothingElse(@ForAll long seed) {
    Random random = new Random(seed);
    Topic<?> topic = Topics.ALL.get(random.nextInt(Topics.ALL.size()));
    staysCalm(topic, random, new RandomRecords(seed));
  }

  @ParameterizedTest
  @ValueSource(
      longs = {-1, Long.MIN_VALUE, 1L << 20, Integer.MAX_VALUE - 8, Integer.MAX_VALUE, 1L << 40})
  void aLengthThatCannotBeIsUnreadableWithoutTakingTheMemory(long length) throws IOException {
    AvroCodec<UsageEvent> codec = codec(Topics.USAGE);
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    bytes.writeBytes(new byte[] {0, 0, 0, 0, 1});
    BinaryEncoder encoder = EncoderFactory.get().directBinaryEncoder(bytes, null);
    encoder.writeLong(length);
    encoder.flush();

    assertThatThrownBy(() -> codec.decode(bytes.toByteArray()))
        .isInstanceOf(UnreadableRecordException.class);
  }

  @Test
  void anUnknownSchemaIsUnreadable() {
    AvroCodec<UsageEvent> codec = codec(Topics.USAGE);

    assertThatThrownBy(() -> codec.decode(new byte[] {0, 0, 0, 0, 9, 1, 2, 3}))
        .isInstanceOf(UnreadableRecordException.class)
        .hasMessageContaining("no schema with id 9");
  }

  @Test
  void aValueOfAnotherTopicIsUnreadable() {
    AvroCodec<UsageEvent> usage = codec(Topics.USAGE);
    AvroCodec<BudgetState> budgets = codec(Topics.BUDGET_STATES);
    byte[] bytes = budgets.encode(new RandomRecords(1).next(BudgetState.class));

    assertThatThrownBy(() -> usage.decode(bytes)).isInstanceOf(UnreadableRecordException.class);
  }

  @Test
  void aRegistryThatIsAwayIsNotTheFaultOfTheValue() {
    AvroCodec<UsageEvent> codec = codec(Topics.USAGE);
    byte[] own = codec.encode(SampleEvents.of(EventType.LLM_USAGE));
    byte[] foreign = own.clone();
    foreign[4] = 2;
    Schema same = older(UsageEvent.getClassSchema(), List.of());
    same.addProp("version", "another");
    registry.register("outlay.usage-value", same);
    registry.setAway(true);

    assertThatThrownBy(() -> codec.decode(foreign)).isInstanceOf(RegistryException.class);
    assertThat(codec.decode(own)).isEqualTo(SampleEvents.of(EventType.LLM_USAGE));

    registry.setAway(false);
    assertThat(codec.decode(foreign)).isEqualTo(SampleEvents.of(EventType.LLM_USAGE));
  }

  @Test
  void whatAnOlderSchemaDidNotKnowTakesItsDefault() throws IOException {
    Schema older =
        older(Notification.getClassSchema(), List.of("attempts", "lastError", "failedAtMicros"));
    Schema incident = replacing(Incident.getClassSchema(), "notifications", older);
    int id = registry.register("outlay.incidents-value", incident);
    Incident written = new RandomRecords(3).next(Incident.class);
    Notification notification = new RandomRecords(4).next(Notification.class);
    written.setNotifications(List.of(notification));

    Incident read =
        codec(Topics.INCIDENTS).decode(write(id, as(incident, Topics.INCIDENTS, written)));

    notification.setAttempts(0);
    notification.setLastError("");
    notification.setFailedAtMicros(null);
    assertThat(read).isEqualTo(written);
  }

  @Test
  void whatANewerSchemaAddedIsLeftOut() throws IOException {
    BudgetState state = new RandomRecords(5).next(BudgetState.class);
    state.setLevel(BudgetLevel.LIMIT);
    List<Schema.Field> fields = new ArrayList<>();
    fields.add(new Schema.Field("owner", Schema.create(Schema.Type.STRING), null, ""));
    for (Schema.Field field : BudgetState.getClassSchema().getFields()) {
      fields.add(new Schema.Field(field, field.schema()));
    }
    Schema newer = Schema.createRecord("BudgetState", null, "io.outlay.schema", false, fields);
    int id = registry.register("outlay.budget-states-value", newer);

    GenericRecord written = as(newer, Topics.BUDGET_STATES, state);
    written.put("owner", "search-oncall");
    BudgetState read = codec(Topics.BUDGET_STATES).decode(write(id, written));

    assertThat(read).isEqualTo(state);
  }

  @Test
  void aSymbolThatANewerSchemaAddedTakesTheDefault() throws IOException {
    BudgetState state = new RandomRecords(5).next(BudgetState.class);
    state.setLevel(BudgetLevel.EXHAUSTED);
    List<String> symbols = new ArrayList<>(BudgetLevel.getClassSchema().getEnumSymbols());
    symbols.set(symbols.indexOf("EXHAUSTED"), "OVERDRAWN");
    Schema level = Schema.createEnum("BudgetLevel", null, "io.outlay.schema", symbols, "NORMAL");
    Schema newer = replacing(BudgetState.getClassSchema(), "level", level);
    int id = registry.register("outlay.budget-states-value", newer);

    GenericRecord written = as(newer, Topics.BUDGET_STATES, state);
    written.put("level", new GenericData.EnumSymbol(level, "OVERDRAWN"));
    BudgetState read = codec(Topics.BUDGET_STATES).decode(write(id, written));

    state.setLevel(BudgetLevel.NORMAL);
    assertThat(read).isEqualTo(state);
  }

  @Test
  void aCodecServesManyThreads() throws Exception {
    AvroCodec<UsageEvent> codec = codec(Topics.USAGE);
    ExecutorService threads = Executors.newFixedThreadPool(4);
    try {
      List<Future<?>> runs = new ArrayList<>();
      for (int thread = 0; thread < 4; thread++) {
        long seed = thread;
        runs.add(
            threads.submit(
                () -> {
                  RandomRecords random = new RandomRecords(seed);
                  for (int i = 0; i < 500; i++) {
                    UsageEvent event = random.next(UsageEvent.class);
                    assertThat(codec.decode(codec.encode(event))).isEqualTo(event);
                  }
                }));
      }
      for (Future<?> run : runs) {
        run.get();
      }
    } finally {
      threads.shutdownNow();
    }
  }

  private <V extends SpecificRecord> AvroCodec<V> codec(Topic<V> topic) {
    return AvroCodec.of(topic, Topics.DEFAULT_PREFIX, registry);
  }

  private <V extends SpecificRecord> void comesBack(Topic<V> topic, RandomRecords random) {
    AvroCodec<V> codec = codec(topic);
    V value = random.next(topic.valueType());

    assertThat(codec.decode(codec.encode(value))).isEqualTo(value);
  }

  private <V extends SpecificRecord> void staysCalm(
      Topic<V> topic, Random random, RandomRecords records) {
    AvroCodec<V> codec = codec(topic);
    byte[] bytes = codec.encode(records.next(topic.valueType()));
    for (int i = 1 + random.nextInt(3); i > 0; i--) {
      int at = AvroCodec.HEADER_LENGTH + random.nextInt(bytes.length - AvroCodec.HEADER_LENGTH);
      bytes[at] = random.nextBoolean() ? (byte) 0xff : (byte) random.nextInt();
    }
    try {
      codec.decode(bytes);
    } catch (UnreadableRecordException expected) {
      assertThat(expected).hasMessageContaining(topic.valueType().getSimpleName());
    }
  }

  /** A value as a program with another schema would hold it. */
  private <V extends SpecificRecord> GenericRecord as(Schema schema, Topic<V> topic, V value)
      throws IOException {
    byte[] bytes = codec(topic).encode(value);
    int length = bytes.length - AvroCodec.HEADER_LENGTH;
    return new GenericDatumReader<GenericRecord>(value.getSchema(), schema)
        .read(
            null, DecoderFactory.get().binaryDecoder(bytes, AvroCodec.HEADER_LENGTH, length, null));
  }

  /** The bytes that such a program would write. */
  private static byte[] write(int id, GenericRecord value) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.writeBytes(ByteBuffer.allocate(AvroCodec.HEADER_LENGTH).put((byte) 0).putInt(id).array());
    BinaryEncoder encoder = EncoderFactory.get().directBinaryEncoder(out, null);
    new GenericDatumWriter<GenericRecord>(value.getSchema()).write(value, encoder);
    encoder.flush();
    return out.toByteArray();
  }

  private static Schema older(Schema schema, List<String> without) {
    List<Schema.Field> fields = new ArrayList<>();
    for (Schema.Field field : schema.getFields()) {
      if (!without.contains(field.name())) {
        fields.add(new Schema.Field(field, field.schema()));
      }
    }
    return Schema.createRecord(
        schema.getName(), "An older one.", schema.getNamespace(), false, fields);
  }

  /** The schema with another type for a field, or for the elements of a field. */
  private static Schema replacing(Schema schema, String name, Schema type) {
    List<Schema.Field> fields = new ArrayList<>();
    for (Schema.Field field : schema.getFields()) {
      if (!field.name().equals(name)) {
        fields.add(new Schema.Field(field, field.schema()));
      } else if (field.schema().getType() == Schema.Type.ARRAY) {
        fields.add(new Schema.Field(field.name(), Schema.createArray(type), null, null));
      } else {
        fields.add(new Schema.Field(field.name(), type, null, null));
      }
    }
    return Schema.createRecord(schema.getName(), null, schema.getNamespace(), false, fields);
  }
}
