package dev.shardwright.bench.peers;

import dev.shardwright.bench.compare.Comparison;
import dev.shardwright.bench.compare.Contender;
import dev.shardwright.bench.compare.Outcome;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * How all did one work.
 *
 * @param outcomes by name, of those that were timed
 * @param objections by name, to those that were not
 */
record Result(Work work, Map<String, Outcome> outcomes, Map<String, Objection> objections) {

  /** Checks the answers of all, and times those that answer as the first does, the floor. */
  static Result of(Work work, List<Contestant> contestants, Comparison comparison)
      throws Exception {
    Map<String, Objection> objections = new LinkedHashMap<>();
    List<Contender> contenders = new ArrayList<>();
    for (Contestant contestant : contestants) {
      Optional<Objection> objection = Objection.to(contestant, contestants.get(0), work);
      objection.ifPresentOrElse(
          found -> objections.put(contestant.name(), found),
          () -> contenders.add(contestant.at(work)));
    }
    Map<String, Outcome> outcomes = new LinkedHashMap<>();
    for (Outcome outcome : comparison.run(contenders)) {
      outcomes.put(outcome.contender(), outcome);
    }
    return new Result(work, outcomes, objections);
  }
}
