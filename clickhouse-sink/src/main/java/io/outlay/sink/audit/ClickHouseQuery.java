package io.outlay.sink.audit;

import com.clickhouse.client.api.Client;
import com.clickhouse.client.api.query.QueryResponse;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.MappingIterator;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import java.util.concurrent.ExecutionException;

/** ClickHouse through its official client. */
public final class ClickHouseQuery implements Query {
  private static final ObjectMapper JSON = new ObjectMapper();

  private final Client client;
  private final String database;

  /**
   * @param client waits long enough for a scan of a day's facts; closed by its owner
   */
  public ClickHouseQuery(Client client, String database) {
    this.client = client;
    this.database = database;
  }

  @Override
  public List<List<String>> rows(String sql) {
    String text = sql.replace("{database}", database) + "\nFORMAT JSONCompactStringsEachRow";
    try (QueryResponse response = client.query(text).get();
        InputStream answer = response.getInputStream();
        JsonParser parser = JSON.createParser(answer);
        MappingIterator<List<String>> rows =
            JSON.readValues(parser, new TypeReference<List<String>>() {})) {
      return rows.readAll();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AuditException("interrupted while ClickHouse was asked", e);
    } catch (ExecutionException e) {
      throw new AuditException("ClickHouse: " + e.getCause().getMessage(), e);
    } catch (IOException e) {
      throw new AuditException("ClickHouse: " + e.getMessage(), e);
    } catch (RuntimeException e) {
      throw new AuditException("ClickHouse: " + e.getMessage(), e);
    } catch (Exception e) { // only what close() declares
      throw new AuditException("ClickHouse: " + e, e);
    }
  }
}
