#include "lake_fixture.hpp"

#include "core/base/text.hpp"

namespace pier::lake {
namespace {

template <class T> T must(Result<T> result) {
  if (!result) {
    FAIL(result.error().to_string());
  }
  return std::move(result).value();
}

} // namespace

LakeFixture::LakeFixture()
    : folder(must(TempDirectory::create("pier-lake"))) {
  database = must(store::Database::open(folder.path() / "workspace.db"));
  identity = must(identity::Identity::open(*database, clock, "owner@pier.test"));
  catalog = must(catalog::Catalog::open(*database, clock, root(), folder.path() / "volumes", identity.get()));
  lake = must(Lake::open({.root = root(), .volumes_root = folder.path() / "volumes", .identity = identity.get()},
                         *catalog, clock));
  owner = must(identity->owner());
}

Result<StatementResult> LakeFixture::try_run(const std::string& sql, std::vector<Parameter> parameters) {
  return lake->execute({.caller = owner, .sql = sql, .parameters = std::move(parameters)});
}

Result<StatementResult> LakeFixture::try_run_as(const identity::Caller& caller, const std::string& sql) {
  return lake->execute({.caller = caller, .sql = sql});
}

StatementResult LakeFixture::run(const std::string& sql, std::vector<Parameter> parameters) {
  INFO(sql);
  return must(try_run(sql, std::move(parameters)));
}

std::string LakeFixture::rows(const std::string& sql, std::vector<Parameter> parameters) {
  return flatten(run(sql, std::move(parameters)));
}

std::string LakeFixture::error_class(const std::string& sql) {
  auto result = try_run(sql);
  if (result) {
    return flatten(*result);
  }
  INFO(result.error().to_string());
  return "[" + result.error().code + "]";
}

identity::Caller LakeFixture::user(const std::string& name) {
  const auto made = must(identity->create_user(name, name));
  return must(identity->caller_of(made.id));
}

std::string LakeFixture::location(const std::string& table) const {
  return must(catalog->table(must(model::TableName::parse(table)))).storage_location;
}

void LakeFixture::make_volume(const std::string& name) {
  must(catalog->create(owner, {.type = catalog::SecurableType::volume,
                               .parent = "main.default",
                               .name = name,
                               .details = Json::object({{"volume_type", "MANAGED"}})}));
}

std::string flatten(const StatementResult& result) {
  std::string out;
  for (const auto& row : result_rows(result)) {
    out += out.empty() ? "" : ";";
    for (std::size_t i = 0; i < row.size(); ++i) {
      out += (i == 0 ? "" : "|") + row[i].value_or("NULL");
    }
  }
  return out;
}

} // namespace pier::lake
