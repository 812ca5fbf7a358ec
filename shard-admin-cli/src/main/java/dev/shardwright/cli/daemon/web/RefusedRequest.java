package dev.shardwright.cli.daemon.web;

/** A request is not carried out; the message says why, and the remedy. */
public final class RefusedRequest extends RuntimeException {
  private final int status;

  /**
   * With a message for whoever asked.
   *
   * @param status of HTTP
   */
  public RefusedRequest(int status, String message) {
    super(message);
    this.status = status;
  }

  /** What was asked for is not there. */
  public static RefusedRequest notFound(String message) {
    return new RefusedRequest(404, message);
  }

  /** The request is not understood. */
  public static RefusedRequest bad(String message) {
    return new RefusedRequest(400, message);
  }

  /** The status of HTTP. */
  public int status() {
    return status;
  }
}
