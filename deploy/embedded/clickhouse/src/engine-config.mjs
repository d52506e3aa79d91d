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

/**
 * The engine takes no notice when the disk refuses what it writes into a part: the part counts, an insert is answered
 * as if it were stored, and what a merge replaced is deleted. So it has to stop while there is room for what it has
 * begun; inserts then fail with NOT_ENOUGH_SPACE and are tried again.
 */
export function engineConfig({ memoryBytes, keepFreeBytes }) {
  return [
    '<clickhouse>',
    ...elements({ max_server_memory_usage: memoryBytes, ...SERVER_SETTINGS }, '  '),
    '  <merge_tree>',
    ...elements(MERGE_TREE_SETTINGS, '    '),
    '  </merge_tree>',
    '  <storage_configuration><disks><default>',
    ...elements({ keep_free_space_bytes: keepFreeBytes }, '    '),
    '  </default></disks></storage_configuration>',
    '</clickhouse>',
    '',
  ].join('\n');
}

function elements(settings, indent) {
  return Object.entries(settings).map(([name, value]) => `${indent}<${name}>${value}</${name}>`);
}
