package dev.shardwright.examples.shop;

import dev.shardwright.router.Keyspace;
import dev.shardwright.router.ShardRouter;
import java.math.BigDecimal;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Users and their orders, each user's rows together on one shard. */
public final class Shop {
  private final Keyspace shop;

  /** The shop in that cluster. */
  public Shop(ShardRouter router) {
    this.shop = router.keyspace("shop");
  }

  /** One order. */
  public record Order(long userId, long orderId, BigDecimal amount) {}

  /** One key, one shard, one round trip. */
  public Optional<Order> order(long userId, long orderId) {
    return shop.on(userId)
        .queryOne(
            "select user_id, order_id, amount from orders where user_id = ? and order_id = ?",
            row -> new Order(row.getLong(1), row.getLong(2), row.getBigDecimal(3)),
            userId,
            orderId);
  }

  /** A transaction: plain JDBC in a callback that may run again, so it has no other effects. */
  public void placeOrder(Order order) {
    shop.on(order.userId())
        .useTransaction(
            connection -> {
              try (var insert = connection.prepareStatement("insert into orders values (?, ?, ?)");
                  var update =
                      connection.prepareStatement(
                          "update users set purchases = purchases + 1 where user_id = ?")) {
                insert.setLong(1, order.userId());
                insert.setLong(2, order.orderId());
                insert.setBigDecimal(3, order.amount());
                insert.executeUpdate();
                update.setLong(1, order.userId());
                update.executeUpdate();
              }
            });
  }

  /** Many keys: one statement for each shard that owns some of them, all at the same time. */
  public Map<Long, List<String>> names(List<Long> userIds) {
    return shop.onEach(userIds)
        .query(
            "select user_id, name from users where user_id = any(?)",
            "user_id",
            row -> row.getString("name"));
  }
}
