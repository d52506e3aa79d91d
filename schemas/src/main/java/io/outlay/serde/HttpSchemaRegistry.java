package io.outlay.serde;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.avro.Schema;
import org.apache.avro.SchemaParseException;

/** Client of a registry that speaks the Confluent API. Remembers every answer: ids never change. */
public final class HttpSchemaRegistry implements SchemaRegistry {
  private static final Duration TIMEOUT = Duration.ofSeconds(10);
  private static final Duration UNKNOWN_FOR = Duration.ofSeconds(30);
  private static final int MAX_UNKNOWN = 10_000;
  private static final int MAX_EXCERPT = 200;
  private static final int NOT_FOUND = 404;

  /** What a registry says beside 404 if it looked: no such subject, version, schema. */
  private static final Set<Integer> NOT_THERE = Set.of(40_401, 40_402, 40_403);

  private static final String MEDIA_TYPE = "application/vnd.schemaregistry.v1+json";

  private final URI base;
  private final Clock clock;
  private final ObjectMapper json = new ObjectMapper();
  private final HttpClient http =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).connectTimeout(TIMEOUT).build();
  private final Map<Integer, Schema> schemas = new ConcurrentHashMap<>();
  private final Map<Integer, Instant> unknown = new ConcurrentHashMap<>();

  /**
   * @param base address of the API, such as {@code http://127.0.0.1:8081/apis/ccompat/v7}
   */
  public HttpSchemaRegistry(URI base) {
    this(base, Clock.systemUTC());
  }

  HttpSchemaRegistry(URI base, Clock clock) {
    this.base = URI.create(base.toString().replaceAll("/+$", "") + "/");
    this.clock = clock;
  }

  @Override
  public int register(String subject, Schema schema) {
    String path = "subjects/" + URLEncoder.encode(subject, StandardCharsets.UTF_8) + "/versions";
    try {
      String body =
          json.writeValueAsString(Map.of("schema", schema.toString(), "schemaType", "AVRO"));
      HttpResponse<String> answer =
          send(
              HttpRequest.newBuilder(base.resolve(path))
                  .header("Content-Type", MEDIA_TYPE)
                  .POST(HttpRequest.BodyPublishers.ofString(body)));
      requireRegistry("cannot register " + subject, answer);
      if (answer.statusCode() != 200) {
        throw refused("cannot register " + subject, answer);
      }
      int id = json.readTree(answer.body()).path("id").asInt(-1);
      if (id < 0) {
        throw refused("no id for " + subject, answer);
      }
      schemas.put(id, schema);
      return id;
    } catch (JsonProcessingException e) {
      throw new RegistryException("the registry's answer for " + subject + " is not JSON", e);
    }
  }

  @Override
  public Schema byId(int id) {
    Schema known = schemas.get(id);
    return known != null ? known : fetch(id);
  }

  private Schema fetch(int id) {
    Instant asked = unknown.get(id);
    if (asked != null && clock.instant().isBefore(asked.plus(UNKNOWN_FOR))) {
      throw new UnreadableRecordException("the registry knows no schema with id " + id);
    }
    HttpResponse<String> answer =
        send(HttpRequest.newBuilder(base.resolve("schemas/ids/" + id)).GET());
    requireRegistry("cannot fetch schema " + id, answer);
    if (answer.statusCode() == NOT_FOUND) {
      if (unknown.size() >= MAX_UNKNOWN) {
        unknown.clear();
      }
      unknown.put(id, clock.instant());
      throw new UnreadableRecordException("the registry knows no schema with id " + id);
    }
    if (answer.statusCode() != 200) {
      throw refused("cannot fetch schema " + id, answer);
    }
    try {
      JsonNode found = json.readTree(answer.body());
      Schema schema = new Schema.Parser().parse(found.path("schema").asText());
      // One instance per id: the reader cache of Avro is keyed by instance.
      Schema raced = schemas.putIfAbsent(id, schema);
      unknown.remove(id);
      return raced != null ? raced : schema;
    } catch (JsonProcessingException e) {
      throw new RegistryException("the registry's answer for schema " + id + " is not JSON", e);
    } catch (SchemaParseException e) {
      throw new UnreadableRecordException("schema " + id + " is not an Avro schema", e);
    }
  }

  private HttpResponse<String> send(HttpRequest.Builder request) {
    try {
      return http.send(
          request.timeout(TIMEOUT).header("Accept", MEDIA_TYPE + ", application/json").build(),
          HttpResponse.BodyHandlers.ofString());
    } catch (IOException e) {
      throw new RegistryException("no answer from the schema registry at " + base, e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new RegistryException("interrupted while asking the schema registry", e);
    }
  }

  /** A 404 of something else than a registry says nothing about a schema. */
  private void requireRegistry(String what, HttpResponse<String> answer) {
    if (answer.statusCode() == NOT_FOUND && !NOT_THERE.contains(errorCode(answer.body()))) {
      throw new RegistryException(
          what
              + ": registry.url seems wrong, "
              + base
              + " answered 404 and not as a schema registry does: "
              + excerpt(answer.body()));
    }
  }

  private int errorCode(String body) {
    try {
      JsonNode problem = json.readTree(body);
      return problem == null ? 0 : problem.path("error_code").asInt(0);
    } catch (JsonProcessingException e) {
      return 0;
    }
  }

  private static String excerpt(String body) {
    return body.strip().substring(0, Math.min(body.strip().length(), MAX_EXCERPT));
  }

  private static RegistryException refused(String what, HttpResponse<String> answer) {
    return new RegistryException(
        what + ": the registry answered " + answer.statusCode() + " " + answer.body().strip());
  }
}
