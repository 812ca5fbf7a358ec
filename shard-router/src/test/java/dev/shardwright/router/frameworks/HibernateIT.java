package dev.shardwright.router.frameworks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.shardwright.router.TestCluster;
import jakarta.persistence.Column;
import jakarta.persistence.Entity;
import jakarta.persistence.Id;
import jakarta.persistence.IdClass;
import jakarta.persistence.Table;
import java.io.Serializable;
import java.sql.SQLException;
import java.util.List;
import org.hibernate.Session;
import org.hibernate.SessionFactory;
import org.hibernate.cfg.Configuration;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A service with entities, over three shards. */
class HibernateIT {
  private static TestCluster cluster;
  private static SessionFactory sessions;

  @Entity(name = "Purchase")
  @Table(name = "orders")
  @IdClass(PurchaseKey.class)
  static class Purchase {
    @Id
    @Column(name = "user_id")
    private long userId;

    @Id private long id;
    private int amount;

    protected Purchase() {}

    Purchase(long userId, long id, int amount) {
      this.userId = userId;
      this.id = id;
      this.amount = amount;
    }
  }

  static class PurchaseKey implements Serializable {
    private static final long serialVersionUID = 1L;
    private long userId;
    private long id;

    protected PurchaseKey() {}

    PurchaseKey(long userId, long id) {
      this.userId = userId;
      this.id = id;
    }

    @Override
    public boolean equals(Object other) {
      return other instanceof PurchaseKey that && userId == that.userId && id == that.id;
    }

    @Override
    public int hashCode() {
      return Long.hashCode(userId * 31 + id);
    }
  }

  @BeforeAll
  static void start() {
    cluster = TestCluster.withShards(3);
    Configuration configuration = new Configuration().addAnnotatedClass(Purchase.class);
    configuration
        .getProperties()
        .put("hibernate.connection.datasource", cluster.router().dataSource());
    configuration.setProperty("hibernate.jdbc.batch_size", "20");
    sessions = configuration.buildSessionFactory();
  }

  @AfterAll
  static void stop() {
    sessions.close();
    cluster.close();
  }

  @BeforeEach
  void fill() throws SQLException {
    for (String shard : List.of("s1", "s2", "s3")) {
      cluster.execute(shard, "delete from users; delete from orders");
    }
    for (long user = 1; user <= 10; user++) {
      long owner = user;
      sessions.inTransaction(
          session -> {
            for (long id = 1; id <= 3; id++) {
              session.persist(new Purchase(owner, id, (int) (owner * 10 + id)));
            }
          });
    }
  }

  @Test
  void findsChangesAndRemovesByKey() {
    sessions.inTransaction(session -> purchase(session, 4, 2).amount = 1000);
    sessions.inTransaction(session -> session.remove(purchase(session, 4, 3)));
    sessions.inTransaction(
        session -> {
          assertThat(purchase(session, 4, 2).amount).isEqualTo(1000);
          assertThat(
                  session
                      .createSelectionQuery(
                          "from Purchase where userId = :user order by id", Purchase.class)
                      .setParameter("user", 4L)
                      .list())
              .extracting(found -> found.id)
              .containsExactly(1L, 2L);
        });
  }

  @Test
  void asksAllShards() {
    sessions.inTransaction(
        session -> {
          Object[] totals =
              session
                  .createSelectionQuery(
                      "select count(p), sum(p.amount), avg(p.amount) from Purchase p",
                      Object[].class)
                  .getSingleResult();
          assertThat(totals).containsExactly(30L, 1710L, 57.0);
          assertThat(
                  session
                      .createSelectionQuery(
                          "from Purchase p order by p.amount desc", Purchase.class)
                      .setFirstResult(2)
                      .setMaxResults(2)
                      .list())
              .extracting(found -> found.amount)
              .containsExactly(101, 93);
        });
  }

  @Test
  void rollsBackWhenTheWorkThrows() {
    assertThatThrownBy(
            () ->
                sessions.inTransaction(
                    session -> {
                      session.persist(new Purchase(5, 99, 1));
                      session.flush();
                      throw new IllegalStateException("changed my mind");
                    }))
        .isInstanceOf(IllegalStateException.class);
    sessions.inTransaction(session -> assertThat(found(session, 5, 99)).isNull());
  }

  private static Purchase purchase(Session session, long user, long id) {
    Purchase found = found(session, user, id);
    assertThat(found).isNotNull();
    return found;
  }

  private static Purchase found(Session session, long user, long id) {
    return session.find(Purchase.class, new PurchaseKey(user, id));
  }
}
