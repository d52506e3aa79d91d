package io.outlay.sink.insert;

import com.clickhouse.client.api.ServerException;
import java.util.Set;

/**
 * Why an insert failed, and what that calls for. An insert is repeated in every case, since giving
 * up would lose rows; the classes differ in how soon and in whom it concerns.
 */
public enum Failure {
  /** ClickHouse gives no answer, or it is not known whether the insert was applied. */
  AWAY,
  /** ClickHouse answers but cannot take rows for now: read-only, out of memory, parts or disk. */
  BUSY,
  /**
   * ClickHouse does not accept the insert as it is: somebody has to repair rights or the schema.
   */
  REFUSED;

  private static final int FIRST_SERVER_ERROR = 500;

  /** Codes of ClickHouse that pass by themselves or once an operator has made room. */
  private static final Set<Integer> PASSING =
      Set.of(
          3, // UNEXPECTED_END_OF_FILE: the body was cut
          32, // ATTEMPT_TO_READ_AFTER_EOF: the body was cut
          33, // CANNOT_READ_ALL_DATA: the body was cut
          74, // CANNOT_READ_FROM_FILE_DESCRIPTOR
          75, // CANNOT_WRITE_TO_FILE_DESCRIPTOR
          76, // CANNOT_OPEN_FILE
          159, // TIMEOUT_EXCEEDED
          164, // READONLY
          173, // CANNOT_ALLOCATE_MEMORY
          198, // DNS_ERROR
          201, // QUOTA_EXCEEDED
          202, // TOO_MANY_SIMULTANEOUS_QUERIES
          203, // NO_FREE_CONNECTION
          209, // SOCKET_TIMEOUT
          210, // NETWORK_ERROR
          225, // NO_ZOOKEEPER
          236, // ABORTED
          241, // MEMORY_LIMIT_EXCEEDED
          242, // TABLE_IS_READ_ONLY
          243, // NOT_ENOUGH_SPACE
          252, // TOO_MANY_PARTS
          279, // ALL_CONNECTION_TRIES_FAILED
          285, // TOO_FEW_LIVE_REPLICAS
          286, // UNSATISFIED_QUORUM_FOR_PREVIOUS_WRITE
          289, // REPLICA_IS_NOT_IN_QUORUM
          319, // UNKNOWN_STATUS_OF_INSERT
          394, // QUERY_WAS_CANCELLED
          425, // SYSTEM_ERROR
          439, // CANNOT_SCHEDULE_TASK
          473, // DEADLOCK_AVOIDED
          745, // SERVER_OVERLOADED
          999); // KEEPER_EXCEPTION

  /** The class of what an insert threw, causes included. */
  public static Failure of(Throwable thrown) {
    for (Throwable cause = thrown; cause != null; cause = cause.getCause()) {
      if (cause instanceof ServerException server) {
        if (PASSING.contains(server.getCode())) {
          return BUSY;
        }
        return server.getCode() <= 0 && server.getTransportProtocolCode() >= FIRST_SERVER_ERROR
            ? AWAY
            : REFUSED;
      }
    }
    // No answer of ClickHouse: connection, timeout, an answer that broke off.
    return AWAY;
  }
}
