package dev.shardwright.cli.daemon.web;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import dev.shardwright.cli.session.Conversions;
import dev.shardwright.rebalance.plan.Goal;
import dev.shardwright.rebalance.plan.MoveOptions;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;

/**
 * Somebody wants ranges moved.
 *
 * @param plan the plan that was shown; empty for a new one
 * @param goal what a new one is to make even
 * @param options how they are moved
 */
public record RebalanceOrder(Optional<String> plan, Goal goal, MoveOptions options) {
  private static final JsonFactory JSON = new JsonFactory();

  /**
   * Reads the body of a request. What is not said is as in the command line.
   *
   * @throws RefusedRequest if it is not understood
   */
  static RebalanceOrder read(String body) {
    Optional<String> plan = Optional.empty();
    Optional<Goal> goal = Optional.empty();
    Duration rollbackWindow = MoveOptions.DEFAULTS.rollbackWindow();
    long bytesPerSecond = MoveOptions.DEFAULTS.bytesPerSecond();
    Duration pause = MoveOptions.DEFAULTS.pause();
    try (JsonParser json = JSON.createParser(body.isBlank() ? "{}" : body)) {
      expect(json.nextToken() == JsonToken.START_OBJECT);
      while (json.nextToken() == JsonToken.FIELD_NAME) {
        String field = json.currentName();
        expect(json.nextToken() == JsonToken.VALUE_STRING);
        String value = json.getText();
        switch (field) {
          case "plan" -> plan = Optional.of(value);
          case "by" -> goal = Optional.of(Conversions.goal(value));
          case "rollbackWindow" -> rollbackWindow = Conversions.duration(value);
          case "maxRate" -> bytesPerSecond = Conversions.rate(value).bytesPerSecond();
          case "maxPause" -> pause = Conversions.duration(value);
          default ->
              throw RefusedRequest.bad(
                  "there is no field '%s': there are plan, by, rollbackWindow, maxRate and maxPause"
                      .formatted(field));
        }
      }
      expect(json.currentToken() == JsonToken.END_OBJECT && json.nextToken() == null);
      if (plan.isPresent() && goal.isPresent()) {
        throw RefusedRequest.bad("'by' is for a new plan: leave it out, or 'plan'");
      }
      return new RebalanceOrder(
          plan,
          goal.orElse(Goal.TOKENS),
          new MoveOptions(rollbackWindow, bytesPerSecond, MoveOptions.DEFAULTS.lanes(), pause));
    } catch (IllegalArgumentException e) {
      throw RefusedRequest.bad(String.valueOf(e.getMessage()));
    } catch (IOException e) {
      throw notUnderstood();
    }
  }

  private static void expect(boolean understood) {
    if (!understood) {
      throw notUnderstood();
    }
  }

  private static RefusedRequest notUnderstood() {
    return RefusedRequest.bad(
        "the body is not one JSON object of texts, as in {\"by\":\"tokens\",\"maxRate\":\"20MB\"}");
  }
}
