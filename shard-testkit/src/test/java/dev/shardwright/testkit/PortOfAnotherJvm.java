package dev.shardwright.testkit;

/** Says whether it could take a port, and ends without giving it back. */
final class PortOfAnotherJvm {
  private PortOfAnotherJvm() {}

  public static void main(String[] arguments) {
    System.out.println(Ports.take(Integer.parseInt(arguments[0])));
  }
}
