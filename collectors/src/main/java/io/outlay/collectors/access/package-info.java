/** Who may publish, for which team, and how much. */
@NullMarked
package io.outlay.collectors.access;

import org.jspecify.annotations.NullMarked;
