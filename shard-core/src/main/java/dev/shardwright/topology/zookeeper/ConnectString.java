package dev.shardwright.topology.zookeeper;

import static com.google.common.base.Preconditions.checkArgument;

import java.net.InetSocketAddress;
import java.util.regex.Pattern;
import org.apache.zookeeper.client.ConnectStringParser;

/** Where ZooKeeper is, as operators write it. What the client says of a wrong one names nothing. */
final class ConnectString {
  private static final Pattern HOST = Pattern.compile("[^\\s;/,@\\[\\]]+");

  private ConnectString() {}

  /**
   * Refuses one that cannot be.
   *
   * @throws IllegalArgumentException with the connect string, what is wrong with it, and how to
   *     write it
   */
  static void check(String text) {
    try {
      checkArgument(!text.isBlank(), "it is empty");
      ConnectStringParser read = new ConnectStringParser(text);
      checkArgument(!read.getServerAddresses().isEmpty(), "it names no server");
      read.getServerAddresses().forEach(ConnectString::check);
      String path = read.getChrootPath();
      checkArgument(
          path == null || path.indexOf(',') < 0,
          "the path %s stands for all servers, and comes last, once",
          path);
    } catch (NumberFormatException e) {
      throw wrong(text, "a port is no number: " + e.getMessage(), e);
    } catch (IllegalArgumentException e) {
      throw wrong(text, String.valueOf(e.getMessage()), e);
    }
  }

  private static void check(InetSocketAddress server) {
    checkArgument(
        HOST.matcher(server.getHostString()).matches(), "'%s' is no host", server.getHostString());
    checkArgument(server.getPort() > 0, "0 is no port");
  }

  private static IllegalArgumentException wrong(
      String text, String why, IllegalArgumentException cause) {
    return new IllegalArgumentException(
        "'%s' does not say where ZooKeeper is: %s. Write HOST:PORT, several divided by commas, and at the end the path below which everything is kept, if that is not the root: zk1:2181,zk2:2181/apps"
            .formatted(text, why),
        cause);
  }
}
