package dev.shardwright.topology.zookeeper;

import java.util.List;
import org.apache.curator.framework.CuratorFramework;
import org.apache.curator.framework.CuratorFrameworkFactory;
import org.apache.curator.retry.RetryOneTime;
import org.apache.zookeeper.CreateMode;
import org.apache.zookeeper.data.ACL;
import org.apache.zookeeper.data.Stat;

/** The nodes of a ZooKeeper as somebody without manners sees them. */
final class Nodes implements AutoCloseable {
  private final CuratorFramework curator;

  Nodes(String connectString) {
    curator = CuratorFrameworkFactory.newClient(connectString, new RetryOneTime(100));
    curator.start();
  }

  byte[] get(String path) throws Exception {
    return curator.getData().forPath(path);
  }

  void set(String path, byte[] data) throws Exception {
    curator.setData().forPath(path, data);
  }

  void create(String path) throws Exception {
    curator.create().forPath(path);
  }

  void createEphemeral(String path) throws Exception {
    curator.create().withMode(CreateMode.EPHEMERAL).forPath(path);
  }

  void delete(String path) throws Exception {
    curator.delete().forPath(path);
  }

  void deleteAll(String path) throws Exception {
    curator.delete().deletingChildrenIfNeeded().forPath(path);
  }

  List<String> children(String path) throws Exception {
    return curator.getChildren().forPath(path);
  }

  List<ACL> acl(String path) throws Exception {
    return curator.getACL().forPath(path);
  }

  boolean exists(String path) throws Exception {
    return curator.checkExists().forPath(path) != null;
  }

  Stat stat(String path) throws Exception {
    Stat stat = curator.checkExists().forPath(path);
    if (stat == null) {
      throw new AssertionError("there is no node " + path);
    }
    return stat;
  }

  @Override
  public void close() {
    curator.close();
  }
}
