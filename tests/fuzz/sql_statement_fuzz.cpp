// LIBS: lake
#include "core/lake/sql/emitter.hpp"
#include "core/lake/sql/statement_ast.hpp"

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace {

/// Every table is there.
class AnyTable final : public pier::lake::sql::Relations {
 public:
  pier::Result<pier::lake::sql::Relation> table(const pier::lake::sql::FromItem& item) override {
    return pier::lake::sql::Relation{.sql = "SELECT 1 AS a", .columns = {{.name = "a"}}, .full_name = item.name};
  }

  pier::Result<pier::lake::sql::Relation> read_files(const pier::lake::sql::Expression& /*call*/) override {
    return pier::lake::sql::Relation{.sql = "SELECT 1 AS a", .columns = {}, .full_name = {}};
  }
};

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto statement = pier::lake::sql::parse_statement(text);
  if (!statement) {
    return 0;
  }
  if (const auto* query = std::get_if<pier::lake::sql::QueryPtr>(&*statement)) {
    AnyTable relations;
    const pier::identity::Caller caller;
    pier::lake::sql::Emitter emitter(
        {.relations = relations, .caller = caller, .catalog = "main", .schema = "default", .parameters = {}});
    [[maybe_unused]] const auto emitted = emitter.query(**query);
  }
  return 0;
}
