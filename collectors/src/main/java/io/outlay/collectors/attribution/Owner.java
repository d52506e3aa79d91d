package io.outlay.collectors.attribution;

/**
 * Whom usage belongs to.
 *
 * @param team never empty
 * @param project empty if unknown
 * @param feature empty if unknown
 * @param environment empty if unknown
 */
public record Owner(String team, String project, String feature, String environment) {
  /** The team of usage that nobody claims. */
  public static final String UNATTRIBUTED = "unattributed";

  static final Owner NOBODY = of(UNATTRIBUTED);

  /** A team, and nothing more. */
  public static Owner of(String team) {
    return new Owner(team, "", "", "");
  }
}
