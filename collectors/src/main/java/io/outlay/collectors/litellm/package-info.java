/** What the LLM gateway LiteLLM tells its callbacks of the calls that go through it. */
@NullMarked
package io.outlay.collectors.litellm;

import org.jspecify.annotations.NullMarked;
