#include "core/base/text.hpp"
#include "core/lake/exec/statement_run.hpp"
#include "core/lake/result_writer.hpp"

namespace pier::lake {

StatementRun::StatementRun(LakeCore& core, const StatementRequest& request)
    : core_(core),
      request_(request),
      caller_(request.caller),
      catalog_(request.catalog.empty() ? "main" : to_lower(request.catalog)),
      schema_(request.schema.empty() ? "default" : to_lower(request.schema)) {}

Result<StatementResult> StatementRun::run() {
  PIER_TRY_ASSIGN(const auto statement, sql::parse_statement(request_.sql));

  struct Dispatch {
    StatementRun& run;

    Result<StatementResult> operator()(const sql::QueryPtr& query) { return run.query(*query); }

    Result<StatementResult> operator()(const sql::CreateSchema& item) { return run.create_schema(item); }

    Result<StatementResult> operator()(const sql::CreateTable& item) { return run.create_table(item); }

    Result<StatementResult> operator()(const sql::CreateView& item) { return run.create_view(item); }

    Result<StatementResult> operator()(const sql::Drop& item) { return run.drop(item); }

    Result<StatementResult> operator()(const sql::Insert& item) { return run.insert(item); }

    Result<StatementResult> operator()(const sql::Delete& item) { return run.remove(item); }

    Result<StatementResult> operator()(const sql::Update& item) { return run.update(item); }

    Result<StatementResult> operator()(const sql::Merge& item) { return run.merge(item); }

    Result<StatementResult> operator()(const sql::Describe& item) { return run.describe(item); }

    Result<StatementResult> operator()(const sql::Show& item) { return run.show(item); }

    Result<StatementResult> operator()(const sql::Use& item) { return run.use(item); }

    Result<StatementResult> operator()(const sql::AlterTable& item) { return run.alter(item); }

    Result<StatementResult> operator()(const sql::GrantStatement& item) { return run.grant(item); }
  };

  auto result = std::visit(Dispatch{*this}, statement);
  if (!result && std::exchange(restart_, false)) {
    keep_.clear();
    reads_ = "delta";
    session_ = nullptr;
    engine_ = nullptr;
    caller_ = request_.caller;
    view_depth_ = 0;
    result = std::visit(Dispatch{*this}, statement);
  }
  if (!result) {
    return sql_error(std::move(result).error());
  }
  result->catalog = catalog_;
  result->schema = schema_;
  return result;
}

Result<StatementResult> StatementRun::query(const sql::Query& query) {
  PIER_TRY_ASSIGN(const auto text, emitter().query(query));
  const auto key = result_key(text, reads_, request_);
  if (const auto known = core_.results.find(key)) {
    return *known;
  }
  PIER_TRY_ASSIGN(auto* const session, this->session());
  auto result =
      collect_result(*session, text, {.rows = request_.row_limit, .bytes = request_.byte_limit}, request_.stop, reads_);
  if (result) {
    core_.results.keep(key, *result);
  }
  return result;
}

sql::Emitter StatementRun::emitter() {
  return sql::Emitter({.relations = *this,
                       .caller = caller_,
                       .catalog = catalog_,
                       .schema = schema_,
                       .parameters = request_.parameters});
}

Result<EngineSession*> StatementRun::session() {
  if (session_ == nullptr) {
    PIER_TRY(engine_for(core_.options.root));
    PIER_TRY_ASSIGN(session_, engine_->session());
  }
  return session_.get();
}

/// All of a statement runs on one engine; a folder that it cannot reach makes it change before the first query.
Result<Engine*> StatementRun::engine_for(const std::filesystem::path& folder) {
  if (engine_ == nullptr || !core_.is_internal(folder)) {
    PIER_TRY_ASSIGN(auto engine, core_.engine_for(folder));
    if (engine != engine_) {
      if (!keep_.empty()) { // SQL that is already made refers to the old one
        restart_ = true;
        return Error{.kind = ErrorKind::conflict, .code = "INTERNAL_ERROR", .message = "the engine was replaced"};
      }
      session_ = nullptr;
      engine_ = std::move(engine);
    }
  }
  return engine_.get();
}

Result<std::string> StatementRun::constant(const sql::Expression& expression) {
  if (expression.kind == sql::ExpressionKind::text) {
    return expression.text;
  }
  PIER_TRY_ASSIGN(const auto text, emitter().expression(expression));
  PIER_TRY_ASSIGN(auto* const session, this->session());
  PIER_TRY_ASSIGN(const auto rows, session->texts("SELECT CAST(" + text + " AS VARCHAR)", request_.stop));
  if (rows.empty() || !rows[0][0]) {
    return Error{.kind = ErrorKind::invalid_argument,
                 .code = "INVALID_PARAMETER_VALUE",
                 .message = "a constant value is needed here, not NULL"};
  }
  return *rows[0][0];
}

Result<model::TableName> StatementRun::full_name(const sql::NameParts& parts) const {
  if (parts.empty() || parts.size() > 3) {
    return Error{.kind = ErrorKind::invalid_argument,
                 .code = "IDENTIFIER_TOO_MANY_NAME_PARTS",
                 .message = "`" + join(parts, "`.`") + "` is not a valid identifier as it has more than 3 name parts"};
  }
  model::TableName name{.catalog = catalog_, .schema = schema_, .table = to_lower(parts.back())};
  if (parts.size() >= 2) {
    name.schema = to_lower(parts[parts.size() - 2]);
  }
  if (parts.size() == 3) {
    name.catalog = to_lower(parts[0]);
  }
  return name;
}

Result<std::pair<std::string, std::string>> StatementRun::schema_name(const sql::NameParts& parts) const {
  if (parts.empty()) {
    return std::pair(catalog_, schema_);
  }
  if (parts.size() > 2) {
    return Error{.kind = ErrorKind::invalid_argument,
                 .code = "IDENTIFIER_TOO_MANY_NAME_PARTS",
                 .message = "`" + join(parts, "`.`") + "` is no schema"};
  }
  return std::pair(parts.size() == 2 ? to_lower(parts[0]) : catalog_, to_lower(parts.back()));
}

Error sql_error(Error error) {
  if (error.code == "TABLE_DOES_NOT_EXIST") {
    error.code = "TABLE_OR_VIEW_NOT_FOUND";
  } else if (error.code == "SCHEMA_DOES_NOT_EXIST" || error.code == "CATALOG_DOES_NOT_EXIST") {
    error.code = error.code.starts_with('S') ? "SCHEMA_NOT_FOUND" : "NO_SUCH_CATALOG_EXCEPTION";
  } else if (error.kind == ErrorKind::permission_denied) {
    error.code = "INSUFFICIENT_PERMISSIONS";
  }
  return error;
}

StatementResult change_result(std::vector<std::pair<std::string, std::int64_t>> counts) {
  std::vector<ResultColumn> columns;
  std::vector<std::optional<std::string>> row;
  for (auto& [name, count] : counts) {
    columns.push_back({.name = std::move(name), .type = {.kind = TypeKind::int64}});
    row.emplace_back(std::to_string(count));
  }
  return make_result(std::move(columns), {row});
}

} // namespace pier::lake
