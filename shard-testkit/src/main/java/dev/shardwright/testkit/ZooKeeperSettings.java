package dev.shardwright.testkit;

import org.apache.zookeeper.util.ServiceUtils;

/**
 * The settings of ZooKeeper's server classes that exist only as system properties. What the user
 * has set already stays.
 */
final class ZooKeeperSettings {
  private ZooKeeperSettings() {}

  static void apply() {
    // A write is in the kernel's page cache, which is enough where the JVM's death ends the test.
    setDefault("zookeeper.forceSync", "no");
    // No administration web server, whatever Jetty is on the class path.
    setDefault("zookeeper.admin.enableServer", "false");
    setDefault("zookeeper.jmx.log4j.disable", "true");
    // A failing server must not end the JVM that it is a guest of.
    ServiceUtils.setSystemExitProcedure(ServiceUtils.LOG_ONLY);
  }

  private static void setDefault(String name, String value) {
    if (System.getProperty(name) == null) {
      System.setProperty(name, value);
    }
  }
}
