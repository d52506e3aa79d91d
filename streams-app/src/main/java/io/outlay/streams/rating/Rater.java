package io.outlay.streams.rating;

import io.outlay.money.Money;
import io.outlay.schema.CacheLookup;
import io.outlay.schema.ComputeUsage;
import io.outlay.schema.DirectCost;
import io.outlay.schema.GpuUsage;
import io.outlay.schema.LlmUsage;
import io.outlay.schema.Meter;
import io.outlay.schema.NetworkTransfer;
import io.outlay.schema.Price;
import io.outlay.schema.PriceKind;
import io.outlay.schema.PricingStatus;
import io.outlay.schema.QualityScore;
import io.outlay.schema.Rate;
import io.outlay.schema.RateCard;
import io.outlay.schema.StorageMove;
import io.outlay.schema.StorageUsage;
import io.outlay.schema.TokenCounts;
import io.outlay.schema.UsageEvent;
import io.outlay.serde.CostRecordEncoder.Rating;
import java.math.BigInteger;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Gives an event its cost from the price that held at the event's time.
 *
 * <p>A bill has one line per quantity that is not zero; each line is rounded once, half even at
 * pico-USD. Where a price lacks a rate, these stand in, as providers bill it: reasoning takes the
 * output rate; audio and image tokens take the input or output rate of their side; cache reads and
 * 5-minute cache writes take the input rate; 1-hour cache writes take the input rate only if
 * 5-minute writes have no rate of their own. Requests without a rate are not charged. Any other
 * quantity without a rate leaves the whole event {@link PricingStatus#UNPRICED}.
 */
public final class Rater {
  private static final Set<String> STANDARD_TIERS = Set.of("", "standard", "default");
  private static final String ON_DEMAND = "on_demand";
  private static final long TOKENS_PER_RATE = 1_000_000;
  private static final long REQUESTS_PER_RATE = 1_000;
  private static final long MICROS_PER_HOUR = 3_600_000_000L;
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
    Object detail = event.getDetail();
    long time = event.getEventTimeMicros();
    Outcome outcome;
    if (detail instanceof LlmUsage llm) {
      outcome = llm(llm, time);
    } else if (detail instanceof GpuUsage gpu) {
      outcome = gpu(gpu, time);
    } else if (detail instanceof ComputeUsage compute) {
      outcome = compute(compute, time);
    } else if (detail instanceof CacheLookup lookup) {
      outcome = cacheLookup(lookup, time);
    } else if (detail instanceof StorageUsage storage) {
      outcome = storage(storage, time);
    } else if (detail instanceof StorageMove move) {
      outcome = move(move, time);
    } else if (detail instanceof NetworkTransfer network) {
      outcome = network(network, time);
    } else if (detail instanceof DirectCost cost) {
      outcome = direct(cost);
    } else if (detail instanceof QualityScore) {
      outcome = Outcome.FREE;
    } else {
      throw new IllegalArgumentException("no rule rates " + detail.getClass().getName());
    }
    return new Rating(
        outcome.status,
        outcome.reason,
        outcome.price == null ? "" : outcome.price.getId(),
        outcome.price == null ? 0 : outcome.price.getVersion(),
        outcome.costPico,
        outcome.listCostPico,
        outcome.avoidedCostPico,
        1,
        nowMicros);
  }

  private Outcome llm(LlmUsage llm, long time) {
    Outcome own = call(llm, llm.getModel(), time);
    if (own.status == PricingStatus.UNPRICED || llm.getBaselineModel().isEmpty()) {
      return own;
    }
    Outcome baseline = call(llm, llm.getBaselineModel(), time);
    return own.avoiding(
        baseline.status == PricingStatus.UNPRICED
            ? null
            : Math.subtractExact(baseline.costPico, own.costPico));
  }

  private Outcome call(LlmUsage llm, String model, long time) {
    return call(
        llm.getProvider(),
        model,
        llm.getBatch() ? "batch" : llm.getServiceTier(),
        llm.getTokens(),
        llm.getRequests(),
        llm.getWebSearches(),
        time);
  }

  private Outcome call(
      String provider,
      String model,
      String tier,
      TokenCounts tokens,
      long requests,
      long webSearches,
      long time) {
    Price price = book.find(PriceKind.MODEL, provider, model, "", time);
    if (price == null) {
      return Outcome.unpriced("no price for " + provider + "/" + model);
    }
    RateCard card = card(price, STANDARD_TIERS.contains(tier) ? "" : tier, inputOf(tokens));
    if (card == null) {
      return Outcome.unpriced("no " + tier + " rates for " + provider + "/" + model);
    }
    Bill bill = new Bill(price, card);
    bill.tokens(tokens.getInput(), Meter.INPUT_TOKENS);
    bill.tokens(tokens.getCacheRead(), Meter.CACHE_READ_TOKENS, Meter.INPUT_TOKENS);
    bill.tokens(tokens.getCacheWrite5m(), Meter.CACHE_WRITE_5M_TOKENS, Meter.INPUT_TOKENS);
    if (rate(card, Meter.CACHE_WRITE_5M_TOKENS) != null) {
      bill.tokens(tokens.getCacheWrite1h(), Meter.CACHE_WRITE_1H_TOKENS);
    } else {
      bill.tokens(tokens.getCacheWrite1h(), Meter.CACHE_WRITE_1H_TOKENS, Meter.INPUT_TOKENS);
    }
    bill.tokens(tokens.getOutput(), Meter.OUTPUT_TOKENS);
    bill.tokens(tokens.getReasoning(), Meter.REASONING_TOKENS, Meter.OUTPUT_TOKENS);
    bill.tokens(tokens.getInputAudio(), Meter.INPUT_AUDIO_TOKENS, Meter.INPUT_TOKENS);
    bill.tokens(tokens.getOutputAudio(), Meter.OUTPUT_AUDIO_TOKENS, Meter.OUTPUT_TOKENS);
    bill.tokens(tokens.getInputImage(), Meter.INPUT_IMAGE_TOKENS, Meter.INPUT_TOKENS);
    bill.tokens(tokens.getOutputImage(), Meter.OUTPUT_IMAGE_TOKENS, Meter.OUTPUT_TOKENS);
    if (rate(card, Meter.REQUESTS) != null) {
      bill.line(requests, REQUESTS_PER_RATE, Meter.REQUESTS);
    }
    bill.line(webSearches, REQUESTS_PER_RATE, Meter.WEB_SEARCHES);
    return bill.outcome();
  }

  private Outcome gpu(GpuUsage gpu, long time) {
    Outcome own = gpu(gpu, gpu.getPurchaseOption(), time);
    if (own.status == PricingStatus.UNPRICED || gpu.getPurchaseOption().equals(ON_DEMAND)) {
      return own;
    }
    return own.withList(gpu(gpu, ON_DEMAND, time));
  }

  private Outcome gpu(GpuUsage gpu, String purchaseOption, long time) {
    Price price = book.find(PriceKind.GPU, gpu.getCloud(), gpu.getGpuModel(), purchaseOption, time);
    if (price == null) {
      return Outcome.unpriced(
          "no price for " + purchaseOption + " " + gpu.getGpuModel() + at(gpu.getCloud()));
    }
    Bill bill = new Bill(price, base(price));
    bill.line(gpu.getGpuMicros(), MICROS_PER_HOUR, Meter.GPU_HOURS);
    return bill.outcome();
  }

  private Outcome compute(ComputeUsage compute, long time) {
    Outcome own = compute(compute, compute.getPurchaseOption(), time);
    if (own.status == PricingStatus.UNPRICED || compute.getPurchaseOption().equals(ON_DEMAND)) {
      return own;
    }
    return own.withList(compute(compute, ON_DEMAND, time));
  }

  private Outcome compute(ComputeUsage compute, String purchaseOption, long time) {
    Outcome instance = null;
    if (compute.getInstanceMicros() > 0) {
      Price price =
          book.find(
              PriceKind.COMPUTE,
              compute.getCloud(),
              compute.getInstanceType(),
              purchaseOption,
              time);
      if (price == null) {
        return Outcome.unpriced(
            "no price for "
                + purchaseOption
                + " "
                + compute.getInstanceType()
                + at(compute.getCloud()));
      }
      Bill bill = new Bill(price, base(price));
      bill.line(compute.getInstanceMicros(), MICROS_PER_HOUR, Meter.INSTANCE_HOURS);
      instance = bill.outcome();
      if (compute.getCpuMicros() == 0 && compute.getMemoryGbMicros() == 0) {
        return instance;
      }
    }
    Price price = book.find(PriceKind.COMPUTE, compute.getCloud(), "", purchaseOption, time);
    if (price == null) {
      return Outcome.unpriced(
          "no price for " + purchaseOption + " processors and memory" + at(compute.getCloud()));
    }
    Bill bill = new Bill(price, base(price));
    bill.line(compute.getCpuMicros(), MICROS_PER_HOUR, Meter.CPU_HOURS);
    bill.line(compute.getMemoryGbMicros(), MICROS_PER_HOUR, Meter.MEMORY_GB_HOURS);
    return instance == null ? bill.outcome() : instance.plus(bill.outcome());
  }

  /** A lookup costs nothing itself; a hit avoids what the call would have cost. */
  private Outcome cacheLookup(CacheLookup lookup, long time) {
    if (!lookup.getHit() || lookup.getTokens() == null) {
      return Outcome.FREE;
    }
    Outcome avoided =
        call(lookup.getProvider(), lookup.getModel(), "", lookup.getTokens(), 1, 0, time);
    if (avoided.status == PricingStatus.UNPRICED) {
      return avoided.avoiding(null);
    }
    return new Outcome(PricingStatus.FREE, "", avoided.price, 0, 0, avoided.costPico);
  }

  private Outcome storage(StorageUsage storage, long time) {
    Price price = book.find(PriceKind.STORAGE, "", storage.getTier(), "", time);
    if (price == null) {
      return Outcome.unpriced("no price for storage tier " + storage.getTier());
    }
    Bill bill = new Bill(price, base(price));
    bill.line(
        BigInteger.valueOf(storage.getBytes()).multiply(BigInteger.valueOf(storage.getMicros())),
        BYTE_MICROS_PER_GB_MONTH,
        Meter.STORAGE_GB_MONTHS);
    return bill.outcome();
  }

  private Outcome move(StorageMove move, long time) {
    String tiers = move.getFromTier() + ">" + move.getToTier();
    Price price = book.find(PriceKind.STORAGE_MOVE, "", tiers, "", time);
    if (price == null) {
      return Outcome.unpriced("no price for moves " + tiers);
    }
    Bill bill = new Bill(price, base(price));
    bill.line(move.getBytes(), BYTES_PER_GB, Meter.MOVED_GB);
    return bill.outcome();
  }

  private Outcome network(NetworkTransfer network, long time) {
    Price price = book.find(PriceKind.NETWORK, network.getCloud(), network.getPath(), "", time);
    if (price == null) {
      return Outcome.unpriced("no price for " + network.getPath() + at(network.getCloud()));
    }
    Bill bill = new Bill(price, base(price));
    bill.line(network.getBytes(), BYTES_PER_GB, Meter.TRANSFERRED_GB);
    return bill.outcome();
  }

  private static Outcome direct(DirectCost cost) {
    if (!cost.getCurrency().equals("USD")) {
      return Outcome.unpriced("no rate for " + cost.getCurrency());
    }
    return new Outcome(
        PricingStatus.PRICED, "", null, cost.getAmountPico(), cost.getAmountPico(), 0L);
  }

  private static long inputOf(TokenCounts tokens) {
    return tokens.getInput()
        + tokens.getCacheRead()
        + tokens.getCacheWrite5m()
        + tokens.getCacheWrite1h()
        + tokens.getInputAudio()
        + tokens.getInputImage();
  }

  private static RateCard base(Price price) {
    return price.getCards().get(0);
  }

  /** The card of a tier with the highest threshold that the input exceeds. */
  private static @Nullable RateCard card(Price price, String tier, long inputTokens) {
    RateCard best = null;
    for (RateCard card : price.getCards()) {
      boolean applies =
          card.getServiceTier().equals(tier)
              && (card.getAboveInputTokens() == 0 || inputTokens > card.getAboveInputTokens());
      if (applies && (best == null || card.getAboveInputTokens() > best.getAboveInputTokens())) {
        best = card;
      }
    }
    return best;
  }

  private static @Nullable Rate rate(RateCard card, Meter meter) {
    for (Rate rate : card.getRates()) {
      if (rate.getMeter() == meter) {
        return rate;
      }
    }
    return null;
  }

  private static String at(String cloud) {
    return cloud.isEmpty() ? "" : " at " + cloud;
  }

  /** The lines of one price, added up. */
  private static final class Bill {
    private final Price price;
    private final RateCard card;
    private long sumPico;
    private boolean charged;
    private boolean used;
    private @Nullable Meter missing;

    Bill(Price price, RateCard card) {
      this.price = price;
      this.card = card;
    }

    void tokens(long quantity, Meter... alternatives) {
      line(quantity, TOKENS_PER_RATE, alternatives);
    }

    void line(long quantity, long per, Meter... alternatives) {
      if (quantity != 0) {
        Rate rate = applicable(alternatives);
        if (rate != null) {
          sumPico = Money.add(sumPico, Money.charge(quantity, rate.getAmountPico(), per));
        }
      }
    }

    void line(BigInteger quantity, BigInteger per, Meter meter) {
      if (quantity.signum() != 0) {
        Rate rate = applicable(meter);
        if (rate != null) {
          sumPico = Money.add(sumPico, Money.charge(quantity, rate.getAmountPico(), per));
        }
      }
    }

    private @Nullable Rate applicable(Meter... alternatives) {
      used = true;
      for (Meter meter : alternatives) {
        Rate rate = rate(card, meter);
        if (rate != null) {
          charged |= rate.getAmountPico() != 0;
          return rate;
        }
      }
      missing = missing == null ? alternatives[0] : missing;
      return null;
    }

    Outcome outcome() {
      if (missing != null) {
        return Outcome.unpriced("price " + price.getId() + " has no rate for " + missing);
      }
      // Rates that are all zero are a price of zero; no usage at all is a priced nothing.
      PricingStatus status = used && !charged ? PricingStatus.FREE : PricingStatus.PRICED;
      return new Outcome(status, "", price, sumPico, sumPico, 0L);
    }
  }

  private record Outcome(
      PricingStatus status,
      String reason,
      @Nullable Price price,
      long costPico,
      long listCostPico,
      @Nullable Long avoidedCostPico) {
    static final Outcome FREE = new Outcome(PricingStatus.FREE, "", null, 0, 0, 0L);

    static Outcome unpriced(String reason) {
      return new Outcome(PricingStatus.UNPRICED, reason, null, 0, 0, 0L);
    }

    Outcome avoiding(@Nullable Long pico) {
      return new Outcome(status, reason, price, costPico, listCostPico, pico);
    }

    /** With the cost of another outcome as list cost, where that one is known. */
    Outcome withList(Outcome list) {
      return list.status == PricingStatus.UNPRICED
          ? this
          : new Outcome(status, reason, price, costPico, list.costPico, avoidedCostPico);
    }

    Outcome plus(Outcome other) {
      if (other.status == PricingStatus.UNPRICED) {
        return other;
      }
      return new Outcome(
          status == PricingStatus.PRICED ? status : other.status,
          "",
          price,
          Money.add(costPico, other.costPico),
          Money.add(listCostPico, other.listCostPico),
          avoidedCostPico);
    }
  }
}
