package io.outlay.bench.detection;

import io.outlay.detector.backtest.HourOfSpend;
import io.outlay.detector.backtest.Label;
import io.outlay.detector.spend.Cell;
import io.outlay.detector.spend.Dimension;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.time.DayOfWeek;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;

/**
 * Makes labelled series of ten weeks: two to four teams, each with one to three features on one of
 * three models; working hours and weekends, noise of days and of hours. What happens starts in the
 * seventh week or later (slow growth in the sixth) and costs at least 30 USD in its first day. The
 * same seed makes the same series.
 */
final class SeriesGenerator {
  /** The first hour of all series, a Monday. */
  static final Instant FIRST = Instant.parse("2026-06-01T00:00:00Z");

  /** Days of a series. */
  static final int DAYS = 70;

  /** The first day on which something may happen. */
  static final int JUDGED_FROM = 42;

  private static final int HOURS = 24;

  /** Days for which what lasts is still news. */
  private static final int LASTING = 7;

  /** What an event costs in its first 24 hours, at least. */
  private static final double MATERIAL_USD = 30;

  private static final List<String> MODELS = List.of("large", "medium", "small");
  private static final double[] USD_PER_REQUEST = {0.02, 0.005, 0.001};

  private final long seed;

  SeriesGenerator(long seed) {
    this.seed = seed;
  }

  /** All series. */
  List<SpendSeries> all() {
    List<SpendSeries> all = new ArrayList<>();
    for (Kind kind : Kind.values()) {
      for (int i = 0; i < kind.series(); i++) {
        all.add(material(kind, i));
      }
    }
    return all;
  }

  /** What nobody would want to be told is made again. */
  private SpendSeries material(Kind kind, int number) {
    for (int attempt = 0; ; attempt++) {
      SpendSeries made = new Making(kind, number, attempt).make();
      if (made.label().isEmpty() || kind == Kind.DRIFT || ofFirstDay(made) >= MATERIAL_USD) {
        return made;
      }
    }
  }

  private static double ofFirstDay(SpendSeries series) {
    Instant from = series.label().orElseThrow().from();
    return series.extraUsd().subMap(from, from.plus(Duration.ofDays(1))).values().stream()
        .reduce(BigDecimal.ZERO, BigDecimal::add)
        .doubleValue();
  }

  /** A cell as it would be if nothing happened. */
  private static final class Source {
    private final Cell cell;
    private final double usdAnHour;
    private final double usdPerRequest;
    private final double[] spend = new double[DAYS * HOURS];
    private final double[] requests = new double[DAYS * HOURS];

    Source(Cell cell, double usdAnHour, double usdPerRequest) {
      this.cell = cell;
      this.usdAnHour = usdAnHour;
      this.usdPerRequest = usdPerRequest;
    }
  }

  private final class Making {
    private final Kind kind;
    private final String name;
    private final Random random;
    private final List<Source> sources = new ArrayList<>();
    private final double[] extra = new double[DAYS * HOURS];
    private Optional<Label> label = Optional.empty();
    private Dimension culprit = Dimension.FEATURE;

    Making(Kind kind, int number, int attempt) {
      this.kind = kind;
      this.name = kind.text() + " " + number;
      this.random =
          new Random(
              seed * 1_000_003L + kind.ordinal() * 10_007L + number * 101L + attempt * 7_919_003L);
    }

    SpendSeries make() {
      int teams = 2 + random.nextInt(3);
      for (int t = 0; t < teams; t++) {
        int features = 1 + random.nextInt(3);
        for (int f = 0; f < features; f++) {
          int model = random.nextInt(MODELS.size());
          sources.add(
              new Source(
                  new Cell("team-" + t, MODELS.get(model), "feature-" + t + "-" + f),
                  Math.exp(between(Math.log(1), Math.log(30))),
                  USD_PER_REQUEST[model]));
        }
      }
      double weekend = kind == Kind.WEEKEND ? between(0.05, 0.3) : between(0.3, 0.95);
      double growth = kind == Kind.TRAFFIC_GROWTH ? between(1.003, 1.009) : between(0.999, 1.002);
      double daily = between(0.02, 0.07);
      double hourly = between(0.08, 0.25);
      sources.forEach(source -> usual(source, weekend, growth, daily, hourly));
      happen(weekend);
      return series();
    }

    private void usual(Source source, double weekend, double growth, double daily, double hourly) {
      double depth = between(0.2, 0.8);
      int peak = 10 + random.nextInt(8);
      for (int day = 0; day < DAYS; day++) {
        double ofDay =
            source.usdAnHour
                * Math.pow(growth, day)
                * (isWeekend(day) ? weekend : 1)
                * Math.exp(random.nextGaussian() * daily);
        for (int hour = 0; hour < HOURS; hour++) {
          double ofHour = 1 + depth * Math.cos((hour - peak) * Math.PI / 12);
          int at = day * HOURS + hour;
          source.spend[at] = ofDay * ofHour * Math.exp(random.nextGaussian() * hourly);
          source.requests[at] = source.spend[at] / source.usdPerRequest;
        }
      }
    }

    private void happen(double weekend) {
      Source source = sources.get(random.nextInt(sources.size()));
      int day = JUDGED_FROM + 2 + random.nextInt(14);
      int start = day * HOURS + random.nextInt(HOURS);
      switch (kind) {
        case SPIKE -> {
          int hours = 3 + random.nextInt(6);
          raise(source, start, start + hours, between(4, 10), true);
          label(source, start, start + hours);
        }
        case LEVEL_SHIFT -> {
          raise(source, start, DAYS * HOURS, between(1.6, 2.5), true);
          // From then on it is the usual level
          label(source, start, start + LASTING * HOURS);
        }
        case DRIFT -> {
          int first = (JUDGED_FROM - 7) * HOURS;
          double rate = between(1.02, 1.035);
          for (int at = first; at < DAYS * HOURS; at++) {
            raise(source, at, at + 1, Math.pow(rate, (at - first) / (double) HOURS), true);
          }
          label(source, first, DAYS * HOURS);
        }
        case NEW_FEATURE -> {
          Cell like = source.cell;
          Source newcomer =
              new Source(
                  new Cell(like.team(), like.model(), "feature-new"),
                  source.usdAnHour * between(0.5, 1.5) + 2,
                  source.usdPerRequest);
          usual(newcomer, weekend, 1, 0.05, 0.15);
          for (int at = 0; at < DAYS * HOURS; at++) {
            if (at < start) {
              newcomer.spend[at] = 0;
              newcomer.requests[at] = 0;
            } else {
              extra[at] += newcomer.spend[at];
            }
          }
          sources.add(newcomer);
          label(newcomer, start, start + LASTING * HOURS);
        }
        case PRICE_CHANGE -> {
          double factor = between(1.5, 2.5);
          sources.stream()
              .filter(each -> each.cell.model().equals(source.cell.model()))
              .forEach(each -> raise(each, start, DAYS * HOURS, factor, false));
          culprit = Dimension.MODEL;
          label =
              Optional.of(
                  new Label(
                      Map.of("model", source.cell.model()),
                      time(start),
                      time(start + LASTING * HOURS),
                      kind.text()));
        }
        case CACHE_OUTAGE -> {
          int hours = 4 + random.nextInt(20);
          raise(source, start, start + hours, between(2, 4), false);
          label(source, start, start + hours);
        }
        case RUNAWAY_LOOP -> {
          int hours = 5 + random.nextInt(6);
          for (int hour = 0; hour < hours; hour++) {
            double factor = Math.min(60, Math.pow(2, hour + 1.0));
            raise(source, start + hour, start + hour + 1, factor, true);
          }
          label(source, start, start + hours);
        }
        case HOLIDAY -> {
          int days = 1 + random.nextInt(3);
          double factor = between(0.2, 0.6);
          sources.forEach(each -> scale(each, day * HOURS, (day + days) * HOURS, factor));
        }
        case MISSING_DATA -> {
          int hours = 6 + random.nextInt(66);
          sources.forEach(each -> scale(each, start, start + hours, 0));
        }
        default -> {
          // Nothing happens
        }
      }
    }

    private void label(Source source, int from, int to) {
      label =
          Optional.of(
              new Label(
                  Map.of(
                      "team", source.cell.team(),
                      "model", source.cell.model(),
                      "feature", source.cell.feature()),
                  time(from),
                  time(to),
                  kind.text()));
    }

    private void raise(Source source, int from, int to, double factor, boolean byRequests) {
      for (int at = from; at < Math.min(to, DAYS * HOURS); at++) {
        extra[at] += source.spend[at] * (factor - 1);
        source.spend[at] *= factor;
        source.requests[at] *= byRequests ? factor : 1;
      }
    }

    private void scale(Source source, int from, int to, double factor) {
      for (int at = from; at < Math.min(to, DAYS * HOURS); at++) {
        source.spend[at] *= factor;
        source.requests[at] *= factor;
      }
    }

    private SpendSeries series() {
      List<HourOfSpend> hours = new ArrayList<>();
      TreeMap<Instant, BigDecimal> extraUsd = new TreeMap<>();
      for (int at = 0; at < DAYS * HOURS; at++) {
        for (Source source : sources) {
          if (source.spend[at] > 0) {
            hours.add(
                new HourOfSpend(
                    time(at), source.cell, usd(source.spend[at]), Math.round(source.requests[at])));
          }
        }
        if (extra[at] > 0) {
          extraUsd.put(time(at), usd(extra[at]));
        }
      }
      return new SpendSeries(name, kind, hours, label, culprit, extraUsd);
    }

    private double between(double low, double high) {
      return low + random.nextDouble() * (high - low);
    }
  }

  private static BigDecimal usd(double amount) {
    return BigDecimal.valueOf(amount).setScale(9, RoundingMode.HALF_EVEN);
  }

  private static boolean isWeekend(int day) {
    LocalDate date = FIRST.atZone(ZoneOffset.UTC).toLocalDate().plusDays(day);
    return date.getDayOfWeek().compareTo(DayOfWeek.SATURDAY) >= 0;
  }

  private static Instant time(int hour) {
    return FIRST.plus(Duration.of(hour, ChronoUnit.HOURS));
  }
}
