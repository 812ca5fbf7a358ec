package dev.shardwright.testkit;

/** Starts servers, says where their processes and files are, and ends without closing them. */
final class ServersOfAnotherJvm {
  private ServersOfAnotherJvm() {}

  public static void main(String[] arguments) {
    PostgresServer postgres = PostgresServer.start();
    ZooKeeperServer zooKeeper = ZooKeeperServer.start();
    System.out.println(postgres.port() + " " + zooKeeper.port());
    System.exit(0);
  }
}
