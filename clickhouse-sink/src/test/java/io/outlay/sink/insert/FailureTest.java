package io.outlay.sink.insert;

import com.clickhouse.client.api.ClientException;
import com.clickhouse.client.api.ConnectionInitiationException;
import com.clickhouse.client.api.DataTransferException;
import com.clickhouse.client.api.ServerException;
import java.net.SocketTimeoutException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;

class FailureTest {
  @Test
  void givenNoAnswer_whenClassified_thenClickHouseIsAway() {
    assertThat(Failure.of(new ConnectionInitiationException("refused"))).isEqualTo(Failure.AWAY);
    assertThat(Failure.of(new DataTransferException("broken pipe"))).isEqualTo(Failure.AWAY);
    assertThat(Failure.of(new TimeoutException())).isEqualTo(Failure.AWAY);
    assertThat(
            Failure.of(
                new ExecutionException(
                    new ClientException("failed", new SocketTimeoutException("read timed out")))))
        .isEqualTo(Failure.AWAY);
    assertThat(Failure.of(new ServerException(0, "bad gateway", 502, "q"))).isEqualTo(Failure.AWAY);
  }

  @ParameterizedTest
  @ValueSource(ints = {164, 202, 241, 242, 243, 252, 999})
  void givenAPassingCode_whenClassified_thenClickHouseIsBusy(int code) {
    assertThat(Failure.of(new ExecutionException(new ServerException(code, "later", 500, "q"))))
        .isEqualTo(Failure.BUSY);
  }

  @ParameterizedTest
  @ValueSource(ints = {16, 53, 60, 497, 516})
  void givenAnotherCode_whenClassified_thenTheInsertIsRefused(int code) {
    assertThat(Failure.of(new ServerException(code, "no", 500, "q"))).isEqualTo(Failure.REFUSED);
  }
}
