// LIBS: migrate
// Statements are pieces of the text, in order, and hold everything that is neither blank nor comment between them.
#include "core/migrate/sql_splitter.hpp"

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  pier::Diagnostics diagnostics;
  std::size_t end = 0;
  for (const auto& statement : pier::migrate::split_sql("fuzz.sql", text, diagnostics)) {
    const bool inside =
        statement.offset >= end && text.substr(statement.offset, statement.text.size()) == statement.text;
    if (!inside || statement.text.empty()) {
      std::abort();
    }
    end = statement.offset + statement.text.size();
  }
  return 0;
}
