#include "core/lake/result_cache.hpp"

#include <algorithm>
#include <array>

namespace pier::lake {
namespace {

constexpr std::size_t k_max_entry = 256U << 10U;
constexpr std::size_t k_max_bytes = 16U << 20U;

std::size_t size_of(const std::string& key, const StatementResult& result) {
  constexpr std::size_t k_column = 64;
  std::size_t bytes = key.size() + k_column * result.columns.size();
  for (const auto& chunk : result.chunks) {
    bytes += chunk.data_array.size();
  }
  return bytes;
}

/// Every function in the engine's SQL was put there by a rule; a text that looks like one of these only costs the
/// cache's help.
bool is_repeatable(std::string_view engine_sql) {
  constexpr std::array<std::string_view, 5> k_changing = {
      "now()", "current_date", "random()", "uuid()", "'now'",
  };
  return std::none_of(k_changing.begin(), k_changing.end(),
                      [&](std::string_view word) { return engine_sql.find(word) != std::string_view::npos; });
}

} // namespace

std::string result_key(std::string_view engine_sql, std::string_view reads, const StatementRequest& request) {
  if (reads.empty() || !is_repeatable(engine_sql)) {
    return {};
  }
  std::string key(reads);
  key += '/' + std::to_string(request.row_limit.value_or(-1)) + '/' + std::to_string(request.byte_limit.value_or(-1));
  return (key += '/') += engine_sql;
}

std::shared_ptr<const StatementResult> ResultCache::find(const std::string& key) {
  auto state = state_.lock();
  const auto found = state->by_key.find(key);
  if (found == state->by_key.end()) {
    return nullptr;
  }
  state->entries.splice(state->entries.begin(), state->entries, found->second);
  return found->second->second;
}

void ResultCache::keep(const std::string& key, const StatementResult& result) {
  const auto size = size_of(key, result);
  if (key.empty() || size > k_max_entry) {
    return;
  }
  auto state = state_.lock();
  if (state->by_key.contains(key)) {
    return; // another run was faster
  }
  state->entries.emplace_front(key, std::make_shared<const StatementResult>(result));
  state->by_key.emplace(state->entries.front().first, state->entries.begin());
  state->bytes += size;
  while (state->bytes > k_max_bytes) {
    const auto& [last, kept] = state->entries.back();
    state->bytes -= size_of(last, *kept);
    state->by_key.erase(last);
    state->entries.pop_back();
  }
}

} // namespace pier::lake
