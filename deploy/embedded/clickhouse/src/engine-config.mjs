/**
 * The configuration of the engine: sized for a machine that also runs everything else of a demonstration. The engine's
 * own defaults are made for a server that has the machine to itself.
 */

const MIB = 1024 * 1024;

const SERVER_SETTINGS = {
  mark_cache_size: 32 * MIB,
  uncompressed_cache_size: 0,
  index_mark_cache_size: 8 * MIB,
  index_uncompressed_cache_size: 0,
  primary_index_cache_size: 32 * MIB,
  mmap_cache_size: 64,
  background_pool_size: 2,
  background_merges_mutations_concurrency_ratio: 2,
  background_common_pool_size: 2,
  background_move_pool_size: 1,
  background_fetches_pool_size: 1,
  background_schedule_pool_size: 8,
};

/** These must fit the small pool of merges; with the defaults the engine would refuse to create a table. */
const MERGE_TREE_SETTINGS = {
  number_of_free_entries_in_pool_to_execute_mutation: 1,
  number_of_free_entries_in_pool_to_lower_max_size_of_merge: 1,
  number_of_free_entries_in_pool_to_execute_optimize_entire_partition: 1,
};

/** The settings of the allocator, read from the environment when the engine is loaded: give memory back soon. */
export const ALLOCATOR = { JE_MALLOC_CONF: 'dirty_decay_ms:1000' };

/** What every connection to the engine is opened with. */
export const CONNECTION_ARGUMENTS = ['--implicit_select=0'];

export function engineConfig({ memoryBytes }) {
  return [
    '<clickhouse>',
    ...elements({ max_server_memory_usage: memoryBytes, ...SERVER_SETTINGS }, '  '),
    '  <merge_tree>',
    ...elements(MERGE_TREE_SETTINGS, '    '),
    '  </merge_tree>',
    '</clickhouse>',
    '',
  ].join('\n');
}

function elements(settings, indent) {
  return Object.entries(settings).map(([name, value]) => `${indent}<${name}>${value}</${name}>`);
}
