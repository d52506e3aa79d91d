package io.outlay.streams.rating;

import io.outlay.money.Factor;
import io.outlay.money.Money;
import io.outlay.schema.CacheLookup;
import io.outlay.schema.ComputeUsage;
import io.outlay.schema.DirectCost;
import io.outlay.schema.GpuUsage;
import io.outlay.schema.LlmUsage;
import io.outlay.schema.MediaCounts;
import io.outlay.schema.Meter;
import io.outlay.schema.NetworkTransfer;
import io.outlay.schema.PriceKind;
import io.outlay.schema.PricingStatus;
import io.outlay.schema.QualityScore;
import io.outlay.schema.StorageMove;
import io.outlay.schema.StorageUsage;
import io.outlay.schema.TokenCounts;
import io.outlay.schema.UsageEvent;
import io.outlay.serde.CostRecordEncoder.Rating;
import io.outlay.streams.rating.PriceBook.Lookup;
import io.outlay.usage.TokenTotals;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.RoundingMode;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Gives an event its cost from the price that held at the event's time.
 *
 * <p>A bill has one line per quantity that is not zero. A line is quantity × rate × tier × region ×
 * exchange rate × what a discount leaves, rounded once, half even at pico-USD. Where a price lacks
 * a rate, these stand in, as providers bill it: reasoning takes the output rate; audio and image
 * tokens take the input or output rate of their side; cache reads and 5-minute cache writes take
 * the input rate; 1-hour cache writes take the input rate only if 5-minute writes have no rate of
 * their own. Requests without a rate are not charged. Any other quantity without a rate leaves the
 * whole event {@link PricingStatus#UNPRICED}.
 *
 * <p>The list cost is what the same usage costs at list prices: on demand, without negotiated
 * prices and discounts. Where no such price is known, it is the cost.
 */
public final class Rater {
  private static final Set<String> STANDARD_TIERS = Set.of("", "standard", "default");
  private static final String BATCH = "batch";
  private static final String ON_DEMAND = "on_demand";
  private static final long ONE = 1;
  private static final long THOUSAND = 1_000;
  private static final long MILLION = 1_000_000;
  private static final long MICROS_PER_HOUR = 3_600_000_000L;
  private static final long MICROS_PER_MINUTE = 60_000_000L;
  private static final int MINUTES_PER_DAY = 1_440;
  private static final long BYTES_PER_GB = 1_000_000_000L;
  private static final BigInteger BYTE_MICROS_PER_GB_MONTH =
      BigInteger.valueOf(BYTES_PER_GB).multiply(BigInteger.valueOf(720 * MICROS_PER_HOUR));

  private final PriceBook book;

  /**
   * @param book prices to rate with
   */
  public Rater(PriceBook book) {
    this.book = book;
  }

  /**
   * Rates an event for the first time.
   *
   * @param event within the bounds of {@link io.outlay.usage.UsageRules}
   * @param nowMicros time of rating, microseconds since 1970-01-01T00:00:00Z
   * @throws ArithmeticException if the cost exceeds {@link Money#MAX_PICO}
   */
  public Rating rate(UsageEvent event, long nowMicros) {
    Outcome outcome = new Run(event, null).outcome();
    return new Rating(
        outcome.status,
        outcome.reason,
        outcome.terms == null ? "" : outcome.terms.id(),
        outcome.terms == null ? 0 : outcome.terms.version(),
        outcome.costPico,
        outcome.listCostPico,
        outcome.avoidedCostPico,
        outcome.promptCacheSavedPico,
        outcome.tierSavedPico,
        1,
        nowMicros);
  }

  /**
   * How {@link #rate} comes to its answer for an event.
   *
   * @throws ArithmeticException if the cost exceeds {@link Money#MAX_PICO}
   */
  public Explanation explain(UsageEvent event) {
    Trace trace = new Trace();
    Outcome outcome = new Run(event, trace).outcome();
    return new Explanation(
        outcome.status,
        outcome.reason,
        outcome.terms == null ? null : outcome.terms.price(),
        outcome.costPico,
        outcome.listCostPico,
        outcome.avoidedCostPico,
        outcome.promptCacheSavedPico,
        outcome.tierSavedPico,
        List.copyOf(trace.steps),
        List.copyOf(trace.bills));
  }

  /** What an explanation is made of; absent where only the amounts are wanted. */
  private static final class Trace {
    private final List<Explanation.Step> steps = new ArrayList<>();
    private final List<Explanation.Bill> bills = new ArrayList<>();
  }

  /** Puts the quantities of a usage on a bill. */
  @FunctionalInterface
  private interface Quantities {
    void addTo(Bill bill);
  }

  /** The rating of one event. */
  private final class Run {
    private final UsageEvent event;
    private final @Nullable Trace trace;
    private final long time;
    private final int minuteOfDay;

    Run(UsageEvent event, @Nullable Trace trace) {
      this.event = event;
      this.trace = trace;
      this.time = event.getEventTimeMicros();
      this.minuteOfDay = (int) Math.floorMod(time / MICROS_PER_MINUTE, MINUTES_PER_DAY);
    }

    Outcome outcome() {
      Object detail = event.getDetail();
      if (detail instanceof LlmUsage llm) {
        return llm(llm);
      }
      if (detail instanceof GpuUsage gpu) {
        return gpu(gpu);
      }
      if (detail instanceof ComputeUsage compute) {
        return compute(compute);
      }
      if (detail instanceof CacheLookup lookup) {
        return cacheLookup(lookup);
      }
      if (detail instanceof StorageUsage storage) {
        return storage(storage);
      }
      if (detail instanceof StorageMove move) {
        return move(move);
      }
      if (detail instanceof NetworkTransfer network) {
        return network(network);
      }
      if (detail instanceof DirectCost cost) {
        return direct(cost);
      }
      if (detail instanceof QualityScore) {
        return Outcome.FREE;
      }
      throw new IllegalArgumentException("no rule rates " + detail.getClass().getName());
    }

    private Outcome llm(LlmUsage llm) {
      Outcome own = call(llm, llm.getModel(), "cost");
      if (own.status == PricingStatus.UNPRICED || llm.getBaselineModel().isEmpty()) {
        return own;
      }
      Outcome baseline = call(llm, llm.getBaselineModel(), "baseline");
      return own.avoiding(
          baseline.status == PricingStatus.UNPRICED
              ? null
              : Math.subtractExact(baseline.costPico, own.costPico));
    }

    private Outcome call(LlmUsage llm, String model, String purpose) {
      String tier = llm.getBatch() ? BATCH : llm.getServiceTier();
      MediaCounts media = llm.getMedia();
      return call(
          llm.getProvider(),
          model,
          tier,
          llm.getTokens(),
          purpose,
          bill -> {
            bill.tokens(llm.getTokens());
            bill.requests(llm.getRequests());
            bill.line(llm.getWebSearches(), THOUSAND, "searches", Meter.WEB_SEARCHES);
            if (media != null) {
              bill.line(media.getImages(), ONE, "images", Meter.IMAGES);
              bill.line(media.getCharacters(), MILLION, "characters", Meter.CHARACTERS);
              bill.line(media.getMicros(), MICROS_PER_HOUR, "microseconds", Meter.MEDIA_HOURS);
              bill.line(media.getPages(), THOUSAND, "pages", Meter.PAGES);
            }
          });
    }

    private Outcome call(
        String provider,
        String model,
        String usedTier,
        TokenCounts tokens,
        String purpose,
        Quantities quantities) {
      String tier = STANDARD_TIERS.contains(usedTier) ? "" : usedTier;
      long input = TokenTotals.input(tokens);
      Lookup lookup = lookup(PriceKind.MODEL, provider, model, "");
      Terms terms = find(lookup, purpose);
      if (terms == null) {
        return Outcome.unpriced("no price for " + provider + "/" + model);
      }
      Terms discount = discount(lookup, terms, purpose);
      Bill own = bill(terms, discount, tier, input, purpose, quantities);
      if (own.reason != null) {
        return Outcome.unpriced(own.reason);
      }
      boolean counted = purpose.equals("cost");
      return new Outcome(
          own.status(),
          "",
          terms,
          own.sumPico,
          counted ? list(lookup, terms, discount, tier, input, own, quantities) : own.sumPico,
          0L,
          counted ? promptCacheSaved(own, terms, discount, tier, tokens, input) : Long.valueOf(0),
          counted && !tier.isEmpty()
              ? tierSaved(own, terms, discount, input, quantities)
              : Long.valueOf(0));
    }

    /**
     * What the tokens of the provider's cache would have cost as plain input, less what they did.
     */
    private @Nullable Long promptCacheSaved(
        Bill own,
        Terms terms,
        @Nullable Terms discount,
        String tier,
        TokenCounts tokens,
        long input) {
      long cached = tokens.getCacheRead() + tokens.getCacheWrite5m() + tokens.getCacheWrite1h();
      if (cached == 0) {
        return 0L;
      }
      Bill plain =
          bill(
              terms,
              discount,
              tier,
              input,
              "uncached",
              bill -> bill.line(cached, MILLION, "tokens", Meter.INPUT_TOKENS));
      return plain.reason == null ? plain.sumPico - own.cachedPico : null;
    }

    private @Nullable Long tierSaved(
        Bill own, Terms terms, @Nullable Terms discount, long input, Quantities quantities) {
      Bill standard = bill(terms, discount, "", input, "standard tier", quantities);
      return standard.reason == null ? standard.sumPico - own.sumPico : null;
    }

    private Outcome gpu(GpuUsage gpu) {
      return resource(
          lookup(PriceKind.GPU, gpu.getCloud(), gpu.getGpuModel(), gpu.getPurchaseOption()),
          gpu.getPurchaseOption() + " " + gpu.getGpuModel() + at(gpu.getCloud()),
          bill -> bill.line(gpu.getGpuMicros(), MICROS_PER_HOUR, "microseconds", Meter.GPU_HOURS));
    }

    private Outcome compute(ComputeUsage compute) {
      String option = compute.getPurchaseOption();
      Outcome instance = null;
      if (compute.getInstanceMicros() > 0) {
        instance =
            resource(
                lookup(PriceKind.COMPUTE, compute.getCloud(), compute.getInstanceType(), option),
                option + " " + compute.getInstanceType() + at(compute.getCloud()),
                bill ->
                    bill.line(
                        compute.getInstanceMicros(),
                        MICROS_PER_HOUR,
                        "microseconds",
                        Meter.INSTANCE_HOURS));
        if (instance.status == PricingStatus.UNPRICED
            || (compute.getCpuMicros() == 0 && compute.getMemoryGbMicros() == 0)) {
          return instance;
        }
      }
      Outcome shares =
          resource(
              lookup(PriceKind.COMPUTE, compute.getCloud(), "", option),
              option + " processors and memory" + at(compute.getCloud()),
              bill -> {
                bill.line(compute.getCpuMicros(), MICROS_PER_HOUR, "microseconds", Meter.CPU_HOURS);
                bill.line(
                    compute.getMemoryGbMicros(),
                    MICROS_PER_HOUR,
                    "gigabyte-microseconds",
                    Meter.MEMORY_GB_HOURS);
              });
      return instance == null ? shares : instance.plus(shares);
    }

    /** A lookup costs nothing itself; a hit avoids what the call would have cost. */
    private Outcome cacheLookup(CacheLookup lookup) {
      TokenCounts tokens = lookup.getTokens();
      if (!lookup.getHit() || tokens == null) {
        return Outcome.FREE;
      }
      Outcome avoided =
          call(
              lookup.getProvider(),
              lookup.getModel(),
              "",
              tokens,
              "avoided",
              bill -> {
                bill.tokens(tokens);
                bill.requests(1);
              });
      if (avoided.status == PricingStatus.UNPRICED) {
        return avoided.avoiding(null);
      }
      return new Outcome(PricingStatus.FREE, "", avoided.terms, 0, 0, avoided.costPico, 0L, 0L);
    }

    private Outcome storage(StorageUsage storage) {
      return resource(
          lookup(PriceKind.STORAGE, "", storage.getTier(), ""),
          "storage tier " + storage.getTier(),
          bill ->
              bill.line(
                  BigInteger.valueOf(storage.getBytes())
                      .multiply(BigInteger.valueOf(storage.getMicros())),
                  BYTE_MICROS_PER_GB_MONTH,
                  "byte-microseconds",
                  Meter.STORAGE_GB_MONTHS));
    }

    private Outcome move(StorageMove move) {
      String tiers = move.getFromTier() + ">" + move.getToTier();
      return resource(
          lookup(PriceKind.STORAGE_MOVE, "", tiers, ""),
          "moves " + tiers,
          bill -> bill.line(move.getBytes(), BYTES_PER_GB, "bytes", Meter.MOVED_GB));
    }

    private Outcome network(NetworkTransfer network) {
      return resource(
          lookup(PriceKind.NETWORK, network.getCloud(), network.getPath(), ""),
          network.getPath() + at(network.getCloud()),
          bill -> bill.line(network.getBytes(), BYTES_PER_GB, "bytes", Meter.TRANSFERRED_GB));
    }

    private Outcome direct(DirectCost cost) {
      long pico = cost.getAmountPico();
      if (!cost.getCurrency().equals("USD")) {
        Factor rate = exchangeRate(cost.getCurrency());
        if (rate == null) {
          return Outcome.unpriced(noExchangeRate(cost.getCurrency()));
        }
        pico = Money.scale(pico, rate);
      }
      return new Outcome(PricingStatus.PRICED, "", null, pico, pico, 0L, 0L, 0L);
    }

    /**
     * Usage of anything but a model.
     *
     * @param what for the reason, if there is no price for it
     */
    private Outcome resource(Lookup lookup, String what, Quantities quantities) {
      Terms terms = find(lookup, "cost");
      if (terms == null) {
        return Outcome.unpriced("no price for " + what);
      }
      Terms discount = discount(lookup, terms, "cost");
      Bill own = bill(terms, discount, "", 0, "cost", quantities);
      if (own.reason != null) {
        return Outcome.unpriced(own.reason);
      }
      long list = list(lookup, terms, discount, "", 0, own, quantities);
      return new Outcome(own.status(), "", terms, own.sumPico, list, 0L, 0L, 0L);
    }

    /** The cost at list prices: on demand if that is known, else as it was bought. */
    private long list(
        Lookup lookup,
        Terms terms,
        @Nullable Terms discount,
        String tier,
        long input,
        Bill own,
        Quantities quantities) {
      String option = lookup.purchaseOption();
      boolean committed = !option.isEmpty() && !option.equals(ON_DEMAND);
      if (!committed && !terms.negotiated() && discount == null) {
        return own.sumPico;
      }
      Lookup atList = lookup.atList();
      if (committed) {
        Terms onDemand = book.terms(atList.bought(ON_DEMAND), time);
        if (onDemand != null) {
          Bill bill = bill(onDemand, null, tier, input, "list", quantities);
          if (bill.reason == null) {
            return bill.sumPico;
          }
        }
      }
      if (terms.negotiated() || discount != null) {
        Terms list = terms.negotiated() ? book.terms(atList, time) : terms;
        if (list != null) {
          Bill bill = bill(list, null, tier, input, "list", quantities);
          if (bill.reason == null) {
            return bill.sumPico;
          }
        }
      }
      return own.sumPico;
    }

    private Lookup lookup(PriceKind kind, String provider, String name, String option) {
      return new Lookup(
          kind, provider, name, option, event.getRegion(), event.getTeam(), event.getCustomer());
    }

    private @Nullable Terms find(Lookup lookup, String purpose) {
      if (trace != null && (purpose.equals("cost") || purpose.equals("avoided"))) {
        trace.steps.addAll(book.explain(lookup, time));
      }
      return book.terms(lookup, time);
    }

    /** The discount on a list price; what was negotiated has none. */
    private @Nullable Terms discount(Lookup lookup, Terms terms, String purpose) {
      if (terms.negotiated()) {
        return null;
      }
      Terms found = book.discount(lookup, time);
      if (found != null && trace != null && !purpose.equals("baseline")) {
        trace.steps.add(
            new Explanation.Step(
                "discount",
                found.price().getId()
                    + " takes off "
                    + BigDecimal.valueOf(found.price().getDiscountMillionths(), 4)
                        .stripTrailingZeros()
                        .toPlainString()
                    + " %",
                true));
      }
      return found;
    }

    private @Nullable Factor exchangeRate(String currency) {
      Factor rate = book.exchangeRate(currency, time);
      if (rate != null && trace != null) {
        Terms price = book.exchange(currency, time);
        if (price != null) {
          Explanation.Step step =
              new Explanation.Step(
                  "exchange rate of " + currency, "price " + price.price().getId(), true);
          if (!trace.steps.contains(step)) {
            trace.steps.add(step);
          }
        }
      }
      return rate;
    }

    private String noExchangeRate(String currency) {
      return "no exchange rate for "
          + currency
          + " at "
          + Instant.EPOCH.plus(time, ChronoUnit.MICROS).truncatedTo(ChronoUnit.SECONDS);
    }

    /** Adds up quantities at a price; the bill says so if it cannot. */
    private Bill bill(
        Terms terms,
        @Nullable Terms discount,
        String tier,
        long input,
        String purpose,
        Quantities quantities) {
      Terms.Card card = terms.card(tier, input, minuteOfDay);
      Factor tierFactor = Factor.ONE;
      if (card == null && !tier.isEmpty()) {
        Factor multiplier = terms.tier(tier);
        if (multiplier == null) {
          return Bill.failed("price " + terms.id() + " has no " + tier + " rates");
        }
        tierFactor = multiplier;
        card = terms.card("", input, minuteOfDay);
      }
      if (card == null) {
        return Bill.failed(
            "price "
                + terms.id()
                + " has no rates for this time of day, "
                + minuteOfDay
                + " minutes after midnight UTC");
      }
      Factor region = terms.region(event.getRegion());
      Factor factor = tierFactor.times(region);
      Factor exchange = Factor.ONE;
      if (!terms.inUsd()) {
        String currency = terms.price().getCurrency();
        Factor rate = exchangeRate(currency);
        if (rate == null) {
          return Bill.failed(noExchangeRate(currency));
        }
        exchange = rate;
        factor = factor.times(rate);
      }
      Factor rest = discount == null ? Factor.ONE : discount.discount();
      factor = factor.times(rest);
      Bill bill = new Bill(terms, card, factor);
      if (trace != null) {
        bill.lines = new ArrayList<>();
        bill.multipliers = new ArrayList<>();
        bill.multiplier("tier " + tier, tierFactor);
        bill.multiplier("region " + event.getRegion(), region);
        bill.multiplier("exchange rate of " + terms.price().getCurrency(), exchange);
        bill.multiplier("discount " + (discount == null ? "" : discount.price().getId()), rest);
      }
      quantities.addTo(bill);
      bill.close();
      if (trace != null && bill.lines != null) {
        trace.bills.add(
            new Explanation.Bill(
                purpose, terms.id(), terms.version(), List.copyOf(bill.lines), bill.sumPico));
      }
      return bill;
    }
  }

  private static String at(String cloud) {
    return cloud.isEmpty() ? "" : " at " + cloud;
  }

  /** The lines of one price, added up. */
  private static final class Bill {
    private static final int EXPLAINED_SCALE = 30;

    private final @Nullable Terms terms;
    private final Terms.@Nullable Card card;
    private final Factor factor;

    /** Why there is no sum; null if there is one. */
    private @Nullable String reason;

    private long sumPico;

    /** Part of the sum that the provider's prompt cache cost. */
    private long cachedPico;

    private boolean charged;
    private boolean used;
    private @Nullable Meter missing;
    private @Nullable List<Explanation.Line> lines;
    private @Nullable List<Explanation.Multiplier> multipliers;

    Bill(@Nullable Terms terms, Terms.@Nullable Card card, Factor factor) {
      this.terms = terms;
      this.card = card;
      this.factor = factor;
    }

    static Bill failed(String reason) {
      Bill bill = new Bill(null, null, Factor.ONE);
      bill.reason = reason;
      return bill;
    }

    void tokens(TokenCounts tokens) {
      tokens(tokens.getInput(), Meter.INPUT_TOKENS, Meter.INPUT_TOKENS);
      long before = sumPico;
      tokens(tokens.getCacheRead(), Meter.CACHE_READ_TOKENS, Meter.INPUT_TOKENS);
      tokens(tokens.getCacheWrite5m(), Meter.CACHE_WRITE_5M_TOKENS, Meter.INPUT_TOKENS);
      if (tokens.getCacheWrite1h() != 0) {
        // A dearer rate for short writes says that long ones are dearer still, but not how much.
        tokens(
            tokens.getCacheWrite1h(),
            Meter.CACHE_WRITE_1H_TOKENS,
            has(Meter.CACHE_WRITE_5M_TOKENS) ? Meter.CACHE_WRITE_1H_TOKENS : Meter.INPUT_TOKENS);
      }
      cachedPico = sumPico - before;
      tokens(tokens.getOutput(), Meter.OUTPUT_TOKENS, Meter.OUTPUT_TOKENS);
      tokens(tokens.getReasoning(), Meter.REASONING_TOKENS, Meter.OUTPUT_TOKENS);
      tokens(tokens.getInputAudio(), Meter.INPUT_AUDIO_TOKENS, Meter.INPUT_TOKENS);
      tokens(tokens.getOutputAudio(), Meter.OUTPUT_AUDIO_TOKENS, Meter.OUTPUT_TOKENS);
      tokens(tokens.getInputImage(), Meter.INPUT_IMAGE_TOKENS, Meter.INPUT_TOKENS);
      tokens(tokens.getOutputImage(), Meter.OUTPUT_IMAGE_TOKENS, Meter.OUTPUT_TOKENS);
    }

    void requests(long requests) {
      if (has(Meter.REQUESTS)) {
        line(requests, THOUSAND, "requests", Meter.REQUESTS);
      }
    }

    private void tokens(long quantity, Meter meter, Meter standIn) {
      if (quantity != 0) {
        line(quantity, MILLION, "tokens", has(meter) ? meter : standIn, meter);
      }
    }

    void line(long quantity, long per, String unit, Meter meter) {
      line(quantity, per, unit, meter, meter);
    }

    private void line(long quantity, long per, String unit, Meter meter, Meter wanted) {
      if (quantity == 0) {
        return;
      }
      long rate = use(meter, wanted);
      if (rate != Terms.MISSING) {
        long pico = Money.charge(quantity, rate, per, factor);
        sumPico = Money.add(sumPico, pico);
        if (lines != null) {
          explain(BigInteger.valueOf(quantity), BigInteger.valueOf(per), unit, meter, rate, pico);
        }
      }
    }

    void line(BigInteger quantity, BigInteger per, String unit, Meter meter) {
      if (quantity.signum() == 0) {
        return;
      }
      long rate = use(meter, meter);
      if (rate != Terms.MISSING) {
        long pico = Money.charge(quantity, rate, per, factor);
        sumPico = Money.add(sumPico, pico);
        if (lines != null) {
          explain(quantity, per, unit, meter, rate, pico);
        }
      }
    }

    private boolean has(Meter meter) {
      return card != null && card.rate(meter) != Terms.MISSING;
    }

    private long use(Meter meter, Meter wanted) {
      used = true;
      long rate = card == null ? Terms.MISSING : card.rate(meter);
      if (rate == Terms.MISSING) {
        missing = missing == null ? wanted : missing;
      } else {
        charged |= rate != 0;
      }
      return rate;
    }

    void close() {
      if (missing != null && terms != null) {
        reason = "price " + terms.id() + " has no rate for " + missing;
      }
    }

    /** Rates that are all zero are a price of zero; no usage at all is a priced nothing. */
    PricingStatus status() {
      return used && !charged ? PricingStatus.FREE : PricingStatus.PRICED;
    }

    void multiplier(String name, Factor value) {
      if (multipliers != null && !value.isOne()) {
        multipliers.add(new Explanation.Multiplier(name, decimal(value)));
      }
    }

    private void explain(
        BigInteger quantity, BigInteger per, String unit, Meter meter, long rate, long pico) {
      if (lines == null || multipliers == null || terms == null) {
        return;
      }
      BigDecimal exact =
          new BigDecimal(
                  quantity.multiply(BigInteger.valueOf(rate)).multiply(factor.exactNumerator()),
                  Money.SCALE)
              .divide(
                  new BigDecimal(per.multiply(factor.exactDenominator())),
                  EXPLAINED_SCALE,
                  RoundingMode.HALF_EVEN)
              .stripTrailingZeros();
      lines.add(
          new Explanation.Line(
              meter,
              quantity,
              unit,
              rate,
              per,
              terms.price().getCurrency(),
              List.copyOf(multipliers),
              exact,
              pico));
    }

    private static BigDecimal decimal(Factor factor) {
      // Every factor is so many millionths or pico-USD, so that this is exact.
      return new BigDecimal(factor.exactNumerator())
          .divide(new BigDecimal(factor.exactDenominator()));
    }
  }

  private record Outcome(
      PricingStatus status,
      String reason,
      @Nullable Terms terms,
      long costPico,
      long listCostPico,
      @Nullable Long avoidedCostPico,
      @Nullable Long promptCacheSavedPico,
      @Nullable Long tierSavedPico) {
    static final Outcome FREE = new Outcome(PricingStatus.FREE, "", null, 0, 0, 0L, 0L, 0L);

    /** The cost and what a call saved are unknown; a call that was not routed avoided nothing. */
    static Outcome unpriced(String reason) {
      return new Outcome(PricingStatus.UNPRICED, reason, null, 0, 0, 0L, null, null);
    }

    Outcome avoiding(@Nullable Long pico) {
      return new Outcome(
          status, reason, terms, costPico, listCostPico, pico, promptCacheSavedPico, tierSavedPico);
    }

    Outcome plus(Outcome other) {
      if (other.status == PricingStatus.UNPRICED) {
        return other;
      }
      return new Outcome(
          status == PricingStatus.PRICED ? status : other.status,
          "",
          terms,
          Money.add(costPico, other.costPico),
          Money.add(listCostPico, other.listCostPico),
          avoidedCostPico,
          promptCacheSavedPico,
          tierSavedPico);
    }
  }
}
