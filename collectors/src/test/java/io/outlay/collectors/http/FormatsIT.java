package io.outlay.collectors.http;

import com.github.luben.zstd.Zstd;
import io.cloudevents.CloudEvent;
import io.cloudevents.core.builder.CloudEventBuilder;
import io.cloudevents.core.message.MessageWriter;
import io.cloudevents.http.HttpMessageFactory;
import io.cloudevents.jackson.JsonFormat;
import io.outlay.collectors.testing.ProgramUnderTest;
import io.outlay.schema.LlmUsage;
import io.outlay.schema.UsageEvent;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.SequenceInputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.OffsetDateTime;
import java.util.Enumeration;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/** Every way to write CloudEvents into {@code /v1/events}, against the program as it is shipped. */
class FormatsIT {
  private static final String EVENTS = "/v1/events";
  private static final String JSON = "application/json";
  private static final String NDJSON = "application/x-ndjson";

  private static ProgramUnderTest program;

  @BeforeAll
  static void start() throws Exception {
    program = ProgramUnderTest.ready("formats-it", Map.of());
  }

  @AfterAll
  static void stop() throws Exception {
    if (program != null) {
      program.close();
    }
  }

  @Test
  void givenTheCloudEventsSdk_whenItWritesBinaryOrStructured_thenTheEventIsStoredAsSaid()
      throws Exception {
    assertThat(publish(cloudEvent("sdk binary %"), false)).isEqualTo(200);
    assertThat(publish(cloudEvent("sdk structured \u00e9"), true)).isEqualTo(200);

    List<UsageEvent> stored =
        program.stored().stream().filter(e -> e.getId().startsWith("sdk ")).toList();
    assertThat(stored)
        .extracting(UsageEvent::getId)
        .containsExactlyInAnyOrder("sdk binary %", "sdk structured \u00e9");
    assertThat(stored)
        .allSatisfy(
            event -> {
              assertThat(event.getSource()).isEqualTo("/sdk");
              assertThat(event.getEventTimeMicros()).isEqualTo(1_795_226_400_123_456L);
              assertThat(((LlmUsage) event.getDetail()).getTokens().getOutput()).isEqualTo(7);
            });
  }

  @Test
  void givenTheCloudEventsSdk_whenSeveralAreBatched_thenEachIsStored() throws Exception {
    JsonFormat format = new JsonFormat();
    String batch =
        Stream.of("batch 1", "batch 2")
            .map(id -> new String(format.serialize(cloudEvent(id)), StandardCharsets.UTF_8))
            .collect(Collectors.joining(",", "[", "]"));

    HttpResponse<String> answer =
        program.post(EVENTS, "application/cloudevents-batch+json; charset=UTF-8", batch);

    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
    assertThat(ids("batch")).containsExactlyInAnyOrder("batch 1", "batch 2");
  }

  @Test
  void givenPackedBodies_thenTheyAreTaken() throws Exception {
    byte[] body = ("[" + event("packed-1") + "]").getBytes(StandardCharsets.UTF_8);
    byte[] lines = (event("packed-2") + "\n").getBytes(StandardCharsets.UTF_8);

    assertThat(
            program
                .post(
                    EVENTS,
                    JSON,
                    BodyPublishers.ofByteArray(gzip(body)),
                    "Content-Encoding",
                    "gzip")
                .body())
        .isEqualTo("{\"accepted\":1,\"rejected\":[]}");
    assertThat(
            program
                .post(
                    EVENTS,
                    NDJSON,
                    BodyPublishers.ofByteArray(Zstd.compress(lines)),
                    "Content-Encoding",
                    "zstd")
                .body())
        .isEqualTo("{\"accepted\":1,\"rejected\":[]}");
    assertThat(ids("packed")).containsExactlyInAnyOrder("packed-1", "packed-2");
  }

  @Test
  void givenNdjsonLargerThanTheHeap_thenEveryLineIsStored() throws Exception {
    int lines = 800;
    String padding = ",\"padding\":\"" + "x".repeat(500_000) + "\"}";
    long size = (long) lines * (event("ndjson-000").length() + padding.length());
    assertThat(size).isGreaterThan(256L * 1024 * 1024);

    HttpResponse<String> answer =
        program.post(
            EVENTS,
            NDJSON,
            BodyPublishers.ofInputStream(
                () ->
                    concatenated(
                        IntStream.range(0, lines)
                            .mapToObj(
                                i ->
                                    event("ndjson-" + i).replaceFirst("}$", "")
                                        + padding
                                        + "\n"))));

    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
    assertThat(answer.body()).isEqualTo("{\"accepted\":" + lines + ",\"rejected\":[]}");
    assertThat(ids("ndjson")).hasSize(lines).doesNotHaveDuplicates();
    assertThat(program.metrics()).containsEntry("outlay_ingest_in_flight_bytes", 0.0);
  }

  @Test
  void givenNdjsonWithBrokenLines_thenTheOthersAreStored() throws Exception {
    HttpResponse<String> answer =
        program.post(
            EVENTS, NDJSON, event("mixed-1") + "\noops\n" + event("mixed-2").replace("7", "-7"));

    assertThat(answer.statusCode()).isEqualTo(207);
    assertThat(answer.body())
        .startsWith("{\"accepted\":1,\"rejected\":[{\"index\":1,\"field\":\"$\",")
        .contains("the line is not JSON: Unrecognized token 'oops'")
        .contains("{\"index\":2,\"id\":\"mixed-2\",\"field\":\"data.tokens.output\"");
    assertThat(ids("mixed")).containsExactly("mixed-1");
  }

  @Test
  void givenBomb_thenTooLarge() throws Exception {
    byte[] bomb = gzip(new byte[200 * 1024 * 1024]);

    HttpResponse<String> asJson =
        program.post(EVENTS, JSON, BodyPublishers.ofByteArray(bomb), "Content-Encoding", "gzip");
    HttpResponse<String> asLines =
        program.post(EVENTS, NDJSON, BodyPublishers.ofByteArray(bomb), "Content-Encoding", "gzip");

    assertThat(asJson.statusCode()).isEqualTo(400);
    assertThat(asLines.statusCode()).isEqualTo(413);
    assertThat(asLines.body()).contains("200 times");
  }

  @Test
  void givenEndlessBodyThatIsRefusedEarly_thenItDoesNotPileUpAndTheProgramGoesOn()
      throws Exception {
    byte[] chunk = "x".repeat(64 * 1024).getBytes(StandardCharsets.UTF_8);
    long sent = 0;
    String status = "";
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), program.port())) {
      socket.setSoTimeout(20_000);
      OutputStream out = socket.getOutputStream();
      out.write(
          "POST /v1/events HTTP/1.1\r\nHost: x\r\nContent-Type: text/csv\r\nContent-Length: 2000000000\r\n\r\n"
              .getBytes(StandardCharsets.UTF_8));
      try {
        while (sent < 2_000_000_000) {
          out.write(chunk);
          sent += chunk.length;
        }
      } catch (IOException e) {
        status = "closed";
      }
    }

    assertThat(status).isEqualTo("closed");
    assertThat(sent).isLessThan(64L * 1024 * 1024);
    assertThat(program.get("/q/health/ready").statusCode()).isEqualTo(200);
  }

  private static CloudEvent cloudEvent(String id) {
    return CloudEventBuilder.v1()
        .withId(id)
        .withSource(URI.create("/sdk"))
        .withType("io.outlay.llm.usage")
        .withTime(OffsetDateTime.parse("2026-11-21T02:00:00.123456+00:00"))
        .withExtension("traceparent", "00-1")
        .withData(
            "application/json",
            """
            {"team":"search","provider":"openai","model":"gpt-4o","tokens":{"output":7}}"""
                .getBytes(StandardCharsets.UTF_8))
        .build();
  }

  private static int publish(CloudEvent event, boolean structured) throws Exception {
    HttpRequest.Builder request = program.request(EVENTS);
    MessageWriter<?, ?> writer =
        HttpMessageFactory.createWriter(
            request::header, bytes -> request.POST(BodyPublishers.ofByteArray(bytes)));
    if (structured) {
      writer.writeStructured(event, new JsonFormat());
    } else {
      writer.writeBinary(event);
    }
    return program.send(request).statusCode();
  }

  private static List<String> ids(String prefix) {
    return program.stored().stream()
        .map(UsageEvent::getId)
        .filter(id -> id.startsWith(prefix))
        .toList();
  }

  private static InputStream concatenated(Stream<String> parts) {
    var iterator = parts.iterator();
    return new SequenceInputStream(
        new Enumeration<>() {
          @Override
          public boolean hasMoreElements() {
            return iterator.hasNext();
          }

          @Override
          public InputStream nextElement() {
            return new ByteArrayInputStream(iterator.next().getBytes(StandardCharsets.UTF_8));
          }
        });
  }

  private static byte[] gzip(byte[] bytes) throws Exception {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (OutputStream gzip = new GZIPOutputStream(out)) {
      gzip.write(bytes);
    }
    return out.toByteArray();
  }

  private static String event(String id) {
    return """
        {"specversion":"1.0","id":"%s","source":"it","type":"io.outlay.llm.usage",\
        "data":{"team":"search","provider":"openai","model":"gpt-4o","tokens":{"output":7}}}"""
        .formatted(id);
  }
}
