package io.outlay.collectors.pull;

import io.outlay.collectors.format.UnreadableBodyException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

class ListingTest {
  @Test
  void givenCsvWithQuotesMarkAndCarriageReturns_thenRead() throws Exception {
    List<Listing.Row> rows =
        rows(
            "\ufeffDataset, TIER ,bytes,store,team,comment\r\n"
                + "\"logs, \"\"raw\"\"\",hot,5,\"lake\",data,\"two\r\nlines\"\r\n"
                + "\r\n"
                + " docs , cold , 7 ,,,\r\n",
            "",
            "/x");

    assertThat(rows).hasSize(2);
    assertThat(rows.get(0).value("dataset")).isEqualTo("logs, \"raw\"");
    assertThat(rows.get(0).value("tier")).isEqualTo("hot");
    assertThat(rows.get(0).value("bytes")).isEqualTo("5");
    assertThat(rows.get(0).value("store")).isEqualTo("lake");
    assertThat(rows.get(0).value("team")).isEqualTo("data");
    assertThat(rows.get(1).value("dataset")).isEqualTo("docs");
    assertThat(rows.get(1).value("tier")).isEqualTo("cold");
    assertThat(rows.get(1).value("store")).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "[{\"dataset\":\"a\",\"tier\":\"hot\",\"bytes\":1,\"x\":[{}]},"
            + "{\"dataset\":\"b\",\"tier\":\"cold\",\"bytes\":\"2\",\"team\":null}]",
        "{\"at\":{\"y\":1},\"datasets\":[{\"dataset\":\"a\",\"tier\":\"hot\",\"bytes\":1},"
            + "{\"dataset\":\"b\",\"tier\":\"cold\",\"bytes\":2}],\"more\":false}",
        "{\"dataset\":\"a\",\"tier\":\"hot\",\"bytes\":1}\n"
            + "{\"dataset\":\"b\",\"tier\":\"cold\",\"bytes\":2}\n",
        "\ufeff [{\"dataset\":\"a\",\"tier\":\"hot\",\"bytes\":1},"
            + "{\"dataset\":\"b\",\"tier\":\"cold\",\"bytes\":2}]",
      })
  void givenJsonOfAnyShape_thenRead(String body) throws Exception {
    assertThat(rows(body, "", "/x"))
        .extracting(row -> row.value("dataset") + row.value("tier") + row.value("bytes"))
        .containsExactly("ahot1", "bcold2");
  }

  @Test
  void givenMediaTypeOrEnding_thenThatDecides() throws Exception {
    String csv = "dataset,tier,bytes\n[,hot,1\n";
    assertThat(rows(csv, "text/csv; charset=utf-8", "/x.json")).hasSize(1);
    assertThat(rows(csv, "application/octet-stream", "/x.CSV")).hasSize(1);
    assertThatThrownBy(() -> rows(csv, "application/json", "/x.csv"))
        .isInstanceOf(UnreadableBodyException.class);
    assertThatThrownBy(() -> rows(csv, "", "/x.ndjson"))
        .isInstanceOf(UnreadableBodyException.class);
  }

  @Test
  void givenWhatIsNoListing_thenUnreadableNamingThePlace() {
    unreadable("", "is empty");
    unreadable("   \n", "is empty");
    unreadable("<html>\n<body>\n", "line 1: the header must name dataset, was \"<html>\"");
    unreadable("dataset,tier\na,hot\n", "line 1: the header must name bytes");
    unreadable("dataset,tier,bytes,tier\n", "line 1: the header names tier twice");
    unreadable("dataset,tier,bytes\na,hot,1\nb,ho", "line 3: a row must have 3 columns, had 2");
    unreadable("dataset,tier,bytes\na,hot,1,2\n", "line 2: a row must have 3 columns, had 4");
    unreadable("dataset,tier,bytes\n\"a,hot,1\n", "quote");
    unreadable("[{\"dataset\":\"a\"},", "line 1: ");
    unreadable("[{\"dataset\":\"a\"}", "line 1: ");
    unreadable("[{\"dataset\":\"a\"}]x", "line 1: ");
    unreadable("[{\"dataset\":\"a\"}][]", "must have its end");
    unreadable("{\"dataset\":\"a\"}\n[]", "must have its end");
    unreadable("{\"dataset\":\"a\"}\n{\"dataset\"", "line 2: ");
    unreadable("[1]", "must have an object");
    unreadable("[{\"bytes\":{\"a\":1}}]", "must have bytes as text or number");
    unreadable("[{\"bytes\":1,\"bytes\":2}]", "Duplicate field");
  }

  private static void unreadable(String body, String message) {
    assertThatThrownBy(() -> rows(body, "", "/x"))
        .as(body)
        .isInstanceOf(UnreadableBodyException.class)
        .hasMessageContaining(message);
  }

  private static List<Listing.Row> rows(String body, String mediaType, String path)
      throws Exception {
    return Listing.rows(body.getBytes(StandardCharsets.UTF_8), mediaType, path);
  }
}
