/** The ClickHouse schema: versioned migrations, and how they are applied. */
@NullMarked
package io.outlay.sql;

import org.jspecify.annotations.NullMarked;
