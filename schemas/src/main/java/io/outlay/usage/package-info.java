/** What identifies a usage event, which types there are, and which bounds its fields keep. */
@NullMarked
package io.outlay.usage;

import org.jspecify.annotations.NullMarked;
