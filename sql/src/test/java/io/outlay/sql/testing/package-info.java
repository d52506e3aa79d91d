/** A real ClickHouse engine for tests, of this module and of others. */
@NullMarked
package io.outlay.sql.testing;

import org.jspecify.annotations.NullMarked;
