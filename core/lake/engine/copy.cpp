#include "core/lake/engine/engine.hpp"

#include "core/lake/engine/duckdb_api.inc"

#include <utility>

namespace pier::lake {
namespace {

/// A vector with its values and validity.
class View {
 public:
  View(const DuckApi& api, duckdb_vector vector)
      : api_(api),
        vector_(vector),
        data_(api.duckdb_vector_get_data(vector)),
        validity_(api.duckdb_vector_get_validity(vector)) {}

  [[nodiscard]] bool is_valid(std::size_t row) const {
    return validity_ == nullptr || ((validity_[row / 64] >> (row % 64)) & 1U) != 0;
  }

  [[nodiscard]] std::string text(std::size_t row) const {
    return std::string(static_cast<const StringSlot*>(data_)[row].view());
  }

  [[nodiscard]] std::int64_t integer(std::size_t row) const { return static_cast<const std::int64_t*>(data_)[row]; }

  /// Range of a map's entries.
  [[nodiscard]] std::pair<std::size_t, std::size_t> entries(std::size_t row) const {
    if (!is_valid(row)) {
      return {0, 0};
    }
    const auto entry = static_cast<const duckdb_list_entry*>(data_)[row];
    return {entry.offset, entry.offset + entry.length};
  }

  [[nodiscard]] View map_member(idx_t member) const {
    auto* pairs = api_.duckdb_list_vector_get_child(vector_);
    return {api_, api_.duckdb_struct_vector_get_child(pairs, member)};
  }

 private:
  const DuckApi& api_;
  duckdb_vector vector_;
  const void* data_;
  const std::uint64_t* validity_;
};

} // namespace

// Columns of RETURN_STATS: filename, count, file_size_bytes, footer_size_bytes, column_statistics, partition_keys.
void read_written_files(const DuckApi& api, duckdb_data_chunk chunk, std::vector<WrittenFile>& files) {
  const auto column = [&](idx_t index) { return View(api, api.duckdb_data_chunk_get_vector(chunk, index)); };
  const auto names = column(0);
  const auto counts = column(1);
  const auto sizes = column(2);
  const auto statistics = column(4);
  const auto partitions = column(5);
  for (std::size_t row = 0; row < api.duckdb_data_chunk_get_size(chunk); ++row) {
    WrittenFile file{.path = names.text(row), .rows = counts.integer(row), .bytes = sizes.integer(row)};
    const auto columns = statistics.map_member(0);
    const auto maps = statistics.map_member(1);
    for (auto [i, end] = statistics.entries(row); i < end; ++i) {
      auto& values = file.statistics[columns.text(i)];
      for (auto [j, inner_end] = maps.entries(i); j < inner_end; ++j) {
        values[maps.map_member(0).text(j)] = maps.map_member(1).text(j);
      }
    }
    for (auto [i, end] = partitions.entries(row); i < end; ++i) {
      const auto value = partitions.map_member(1);
      file.partition[partitions.map_member(0).text(i)] =
          value.is_valid(i) ? std::optional<std::string>(value.text(i)) : std::nullopt;
    }
    files.push_back(std::move(file));
  }
}

} // namespace pier::lake
