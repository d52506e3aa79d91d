/** What became of every offset of a partition; plain Java. */
@NullMarked
package io.outlay.streams.ledger;

import org.jspecify.annotations.NullMarked;
