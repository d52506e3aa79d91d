/**
 * Whether the books balance: equations between topics, ledger, facts and rollups, and their
 * settling.
 */
@NullMarked
package io.outlay.sink.audit;

import org.jspecify.annotations.NullMarked;
