// LIBS: lake
#include "core/base/json.hpp"
#include "core/lake/delta/deletion_vector.hpp"
#include "core/lake/delta/log_parser.hpp"
#include "core/lake/schema_json.hpp"

#include <cstddef>
#include <cstdint>
#include <string_view>

/// First byte chooses: a deletion vector, or a commit and the schema in it.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace pier::lake;
  if (size == 0) {
    return 0;
  }
  const std::string_view text(reinterpret_cast<const char*>(data) + 1, size - 1);
  if (data[0] == 'v') {
    if (const auto rows = delta::DeletedRows::parse(text, 3)) {
      [[maybe_unused]] const bool first = (*rows)->contains(0) || (*rows)->contains(1ULL << 40U);
    }
    return 0;
  }
  const auto actions = delta::parse_actions(text);
  if (!actions) {
    return 0;
  }
  for (const auto& action : *actions) {
    const auto line = delta::to_line(action);
    if (const auto* metadata = std::get_if<delta::Metadata>(&action)) {
      if (const auto schema = pier::Json::parse(metadata->schema_string)) {
        [[maybe_unused]] const auto fields = fields_from_json(*schema);
      }
    }
  }
  return 0;
}
