package dev.shardwright.topology.zookeeper;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.shardwright.testkit.ZooKeeperServer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class ElectionIT {
  private static final Duration PATIENCE = Duration.ofSeconds(20);
  private static final AtomicInteger CLUSTERS = new AtomicInteger();
  private static ZooKeeperServer server;
  private static Nodes nodes;

  private final List<Candidate> candidates = new ArrayList<>();
  private ClusterPaths paths;

  @BeforeAll
  static void startServer() {
    server = ZooKeeperServer.start();
    nodes = new Nodes(server.connectString());
  }

  @AfterAll
  static void stopServer() {
    nodes.close();
    server.close();
  }

  @BeforeEach
  void setUp() {
    paths = new ClusterPaths("election-" + CLUSTERS.incrementAndGet());
  }

  @AfterEach
  void tearDown() {
    candidates.forEach(candidate -> candidate.cluster.close());
  }

  @Test
  void withoutACandidateNobodyLeads() {
    try (ZooKeeperCluster cluster =
        ZooKeeperCluster.connect(server.connectString(), paths.cluster())) {
      assertThat(cluster.election().leader()).isEmpty();
      assertThat(cluster.election().isNewest(new FencingToken(1))).isFalse();
    }
  }

  @Test
  void oneOfThreeLeadsAndEverybodyKnowsIt() {
    Candidate first = candidate("first");
    await().atMost(PATIENCE).until(first::leads);
    Candidate second = candidate("second");
    Candidate third = candidate("third");
    Leader leader = new Leader("first", first.token());
    for (Candidate candidate : List.of(first, second, third)) {
      assertThat(candidate.election().leader()).contains(leader);
      assertThat(candidate.election().isNewest(first.token())).isTrue();
    }
    assertThat(second.events).isEmpty();
    assertThat(third.events).isEmpty();
  }

  @Test
  void whoStepsDownIsFollowedByTheNextWithALargerToken() {
    Candidate first = candidate("first");
    await().atMost(PATIENCE).until(first::leads);
    Candidate second = candidate("second");
    FencingToken old = first.token();
    first.candidacy.close();
    first.candidacy.close();
    assertThat(first.events).containsExactly("elected " + old, "dismissed");
    await().atMost(PATIENCE).until(second::leads);
    assertThat(second.token()).isGreaterThan(old);
    assertThat(second.election().isNewest(old)).isFalse();
    second.cluster.close();
    assertThat(second.events).hasSize(2).endsWith("dismissed");
    assertThat(first.election().leader()).isEmpty();
  }

  @Test
  void aLeaderWhoseSessionExpiredIsReplacedAndItsTokenIsOld() throws Exception {
    Candidate first = candidate("first");
    await().atMost(PATIENCE).until(first::leads);
    Candidate second = candidate("second");
    Candidate third = candidate("third");
    FencingToken old = first.token();
    await().until(() -> nodes.stat(paths.leader()).getNumChildren() == 3);

    server.expireSession(sessionOfTheLeader());

    await().atMost(PATIENCE).until(() -> second.leads() || third.leads());
    Candidate next = second.leads() ? second : third;
    assertThat(next.token()).isGreaterThan(old);
    assertThat(next.election().isNewest(old)).isFalse();
    assertThat(next.election().isNewest(next.token())).isTrue();
    await().atMost(PATIENCE).until(() -> first.events.contains("dismissed"));
    // The one that lost its session stands again, at the end of the line.
    await().until(() -> nodes.stat(paths.leader()).getNumChildren() == 3);
    assertThat(first.events).hasSize(2);
  }

  @Test
  void whoseCandidacyIsGoneGetsNoTokenAnyMore() throws Exception {
    Candidate first = candidate("first");
    await().atMost(PATIENCE).until(first::leads);
    String gone = nodes.children(paths.leader()).get(0);
    int version = nodes.stat(paths.leader()).getVersion();
    nodes.delete(paths.leader() + "/" + gone);
    assertThat(first.election().takeToken("first", paths.leader() + "/" + gone)).isEmpty();
    assertThat(nodes.stat(paths.leader()).getVersion()).isEqualTo(version);
    assertThat(first.election().leader()).isEmpty();
  }

  @Test
  void tokensGrowOnWhenAllCandidatesHaveGone() {
    Candidate first = candidate("first");
    await().atMost(PATIENCE).until(first::leads);
    first.cluster.close();
    Candidate second = candidate("second");
    await().atMost(PATIENCE).until(second::leads);
    assertThat(second.token()).isGreaterThan(first.token());
  }

  @Test
  void theLeaderIsElectedAgainAfterZooKeeperWasDown() {
    Candidate first = candidate("first");
    await().atMost(PATIENCE).until(first::leads);
    FencingToken old = first.token();
    server.stop();
    await().atMost(PATIENCE).until(() -> first.events.contains("dismissed"));
    server.restart();
    await().atMost(PATIENCE).until(() -> first.events.size() == 3);
    assertThat(first.token()).isGreaterThan(old);
  }

  @Test
  void aLeaderWhoseTokenWasSkippedStandsAgain() {
    Candidate first = candidate("first");
    await().atMost(PATIENCE).until(first::leads);
    int skipped = first.token().value() + 100;
    try (ZooKeeperCluster other =
        ZooKeeperCluster.connect(server.connectString(), paths.cluster())) {
      other.skip(new GivenNumbers(0, 0, skipped));
    }
    await().atMost(PATIENCE).until(() -> first.events.size() >= 3 && first.leads());
    assertThat(first.events.get(1)).isEqualTo("dismissed");
    assertThat(first.token()).isGreaterThan(new FencingToken(skipped));
    assertThat(first.election().isNewest(first.token())).isTrue();
    assertThat(first.election().leader()).contains(new Leader("first", first.token()));
  }

  @Test
  void aLeaderWhoseNodesAreLostStandsAgain() throws Exception {
    Candidate first = candidate("first");
    await().atMost(PATIENCE).until(first::leads);
    nodes.deleteAll(paths.root());
    await().atMost(PATIENCE).until(() -> first.events.size() >= 3 && first.leads());
    assertThat(first.events.get(1)).isEqualTo("dismissed");
    assertThat(first.election().leader()).contains(new Leader("first", first.token()));
    first.candidacy.close();
    assertThat(first.election().leader()).isEmpty();
    Candidate second = candidate("second");
    await().atMost(PATIENCE).until(second::leads);
  }

  private long sessionOfTheLeader() throws Exception {
    long session = 0;
    long first = Long.MAX_VALUE;
    for (String child : nodes.children(paths.leader())) {
      long created = nodes.stat(paths.leader() + "/" + child).getCzxid();
      if (created < first) {
        first = created;
        session = nodes.stat(paths.leader() + "/" + child).getEphemeralOwner();
      }
    }
    return session;
  }

  private Candidate candidate(String name) {
    Candidate candidate =
        new Candidate(ZooKeeperCluster.connect(server.connectString(), paths.cluster()), name);
    candidates.add(candidate);
    return candidate;
  }

  /** A candidate on a session of its own, and what it was told. */
  private static final class Candidate {
    private final ZooKeeperCluster cluster;
    private final List<String> events = new CopyOnWriteArrayList<>();
    private final List<FencingToken> tokens = new CopyOnWriteArrayList<>();
    private final LeaderElection.Candidacy candidacy;

    Candidate(ZooKeeperCluster cluster, String name) {
      this.cluster = cluster;
      this.candidacy =
          cluster
              .election()
              .candidate(
                  name,
                  new LeaderElection.Listener() {
                    @Override
                    public void elected(FencingToken token) {
                      tokens.add(token);
                      events.add("elected " + token);
                    }

                    @Override
                    public void dismissed() {
                      events.add("dismissed");
                    }
                  });
    }

    LeaderElection election() {
      return cluster.election();
    }

    boolean leads() {
      return events.size() % 2 == 1;
    }

    FencingToken token() {
      return tokens.get(tokens.size() - 1);
    }
  }
}
