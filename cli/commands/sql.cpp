#include "cli/command.hpp"
#include "cli/console.hpp"
#include "cli/session.hpp"
#include "cli/sql_script.hpp"
#include "cli/statement_client.hpp"
#include "core/base/files.hpp"
#include "core/base/text.hpp"

#include <algorithm>
#include <array>

namespace pier::cli {
namespace {

/// Prints one result as it comes in.
class ResultPrinter {
 public:
  explicit ResultPrinter(Console& console)
      : console_(console) {}

  virtual ~ResultPrinter() = default;
  virtual void begin(const std::vector<SqlColumn>& columns) = 0;
  virtual void rows(const Json& rows) = 0;
  virtual void end() = 0;

 protected:
  Console& console_;
};

std::string cell_text(const Json& cell) {
  return cell.is_string() ? cell.as_string() : cell.is_null() ? "NULL" : cell.dump();
}

std::size_t width_of(const std::string& text) {
  return static_cast<std::size_t>(
      std::count_if(text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; }));
}

bool is_number(const std::string& type) {
  constexpr std::array<std::string_view, 6> k_numbers{"INT", "BIGINT", "SMALLINT", "TINYINT", "DOUBLE", "FLOAT"};
  return type.starts_with("DECIMAL") || std::find(k_numbers.begin(), k_numbers.end(), type) != k_numbers.end();
}

/// A table for people; as wide as the first page needs.
class TablePrinter final : public ResultPrinter {
 public:
  using ResultPrinter::ResultPrinter;

  void begin(const std::vector<SqlColumn>& columns) override {
    columns_ = columns;
    count_ = 0;
    widths_.clear();
  }

  void rows(const Json& rows) override {
    if (columns_.empty()) {
      return;
    }
    if (widths_.empty()) {
      measure(rows);
      heading();
    }
    std::string text;
    for (const auto& row : rows.as_array()) {
      std::vector<std::string> cells;
      for (const auto& cell : row.as_array()) {
        cells.push_back(flat(cell_text(cell)));
      }
      text += line(cells);
      ++count_;
    }
    console_.out(text);
  }

  void end() override {
    if (columns_.empty()) {
      console_.out("OK\n");
      return;
    }
    if (widths_.empty()) {
      measure(Json::array());
      heading();
    }
    console_.out("(" + std::to_string(count_) + (count_ == 1 ? " row)\n" : " rows)\n"));
  }

 private:
  /// Line breaks would break the table.
  static std::string flat(std::string text) {
    text = replace_all(std::move(text), "\n", "\\n");
    return replace_all(std::move(text), "\t", "\\t");
  }

  void measure(const Json& rows) {
    for (const auto& column : columns_) {
      widths_.push_back(width_of(flat(column.name)));
    }
    for (const auto& row : rows.as_array()) {
      const auto& cells = row.as_array();
      for (std::size_t i = 0; i < widths_.size() && i < cells.size(); ++i) {
        widths_[i] = std::max(widths_[i], width_of(flat(cell_text(cells[i]))));
      }
    }
  }

  void heading() {
    std::vector<std::string> names;
    std::string rule;
    for (std::size_t i = 0; i < columns_.size(); ++i) {
      names.push_back(flat(columns_[i].name));
      rule += (i == 0 ? "" : "-+-") + std::string(widths_[i], '-');
    }
    console_.out(line(names) + rule + "\n");
  }

  [[nodiscard]] std::string line(const std::vector<std::string>& cells) const {
    std::string out;
    for (std::size_t i = 0; i < cells.size() && i < widths_.size(); ++i) {
      const auto width = width_of(cells[i]);
      const std::string padding(width < widths_[i] ? widths_[i] - width : 0, ' ');
      const bool right = is_number(columns_[i].type);
      out += (i == 0 ? "" : " | ") + (right ? padding + cells[i] : cells[i] + padding);
    }
    return out.substr(0, out.find_last_not_of(' ') + 1) + "\n";
  }

  std::vector<SqlColumn> columns_;
  std::vector<std::size_t> widths_;
  std::size_t count_ = 0;
};

/// RFC 4180; NULL is an empty field.
class CsvPrinter final : public ResultPrinter {
 public:
  using ResultPrinter::ResultPrinter;

  void begin(const std::vector<SqlColumn>& columns) override {
    std::string out;
    for (const auto& column : columns) {
      out += (out.empty() ? "" : ",") + field(column.name);
    }
    if (!columns.empty()) {
      console_.out(out + "\n");
    }
  }

  void rows(const Json& rows) override {
    std::string out;
    for (const auto& row : rows.as_array()) {
      bool first = true;
      for (const auto& cell : row.as_array()) {
        out += std::exchange(first, false) ? "" : ",";
        out += cell.is_null() ? "" : field(cell_text(cell));
      }
      out += '\n';
    }
    console_.out(out);
  }

  void end() override {}

 private:
  static std::string field(const std::string& text) {
    if (!text.empty() && text.find_first_of(",\"\n\r") == std::string::npos) {
      return text;
    }
    return "\"" + replace_all(text, "\"", "\"\"") + "\"";
  }
};

/// {"columns":[{"name","type"}],"rows":[[…]]}: numbers with all their digits, nested values as JSON.
class JsonPrinter final : public ResultPrinter {
 public:
  using ResultPrinter::ResultPrinter;

  void begin(const std::vector<SqlColumn>& columns) override {
    columns_ = columns;
    first_ = true;
    auto list = Json::array();
    for (const auto& column : columns) {
      list.push_back(Json::object({{"name", column.name}, {"type", column.type}}));
    }
    console_.out("{\"columns\":" + list.dump() + ",\"rows\":[");
  }

  void rows(const Json& rows) override {
    std::string out;
    for (const auto& row : rows.as_array()) {
      out += std::exchange(first_, false) ? "[" : ",\n[";
      const auto& cells = row.as_array();
      for (std::size_t i = 0; i < cells.size(); ++i) {
        out += i == 0 ? "" : ",";
        append(out, cells[i], i < columns_.size() ? columns_[i].type : "");
      }
      out += ']';
    }
    console_.out(out);
  }

  void end() override { console_.out("]}\n"); }

 private:
  static void append(std::string& out, const Json& cell, const std::string& type) {
    if (!cell.is_string()) {
      out += cell.dump();
      return;
    }
    const auto& text = cell.as_string();
    const bool nested = type.starts_with("ARRAY") || type.starts_with("MAP") || type.starts_with("STRUCT");
    const bool finite = !text.empty() && text.find_first_not_of("0123456789+-.eE") == std::string::npos;
    if (type == "BOOLEAN" || (is_number(type) && finite) || (nested && Json::parse(text))) {
      out += text;
    } else {
      append_json_string(out, text);
    }
  }

  std::vector<SqlColumn> columns_;
  bool first_ = true;
};

/// The statements of the command line and of --file.
Result<std::vector<std::string>> statements(const Arguments& arguments, const Context& context) {
  std::string script;
  for (const auto& text : arguments.all("SQL")) {
    script += text + "\n;\n";
  }
  if (arguments.has("file")) {
    const auto file = arguments.get("file");
    PIER_TRY_ASSIGN(const auto text, read_file(file == "-" ? "/dev/stdin" : context.cwd / file));
    script += text;
  }
  PIER_TRY_ASSIGN(auto list, split_sql_script(script));
  if (list.empty()) {
    return Error{.kind = ErrorKind::usage,
                 .code = "PIER0033",
                 .message = "there is no statement to run",
                 .hint = "pier sql \"SELECT 1\", or pier sql -f FILE"};
  }
  return list;
}

Result<std::vector<std::pair<std::string, std::string>>> parameters(const Arguments& arguments) {
  std::vector<std::pair<std::string, std::string>> out;
  for (const auto& text : arguments.all("param")) {
    const auto equals = text.find('=');
    if (equals == std::string::npos || equals == 0) {
      return Error{.kind = ErrorKind::usage,
                   .code = "PIER0034",
                   .message = "'" + text + "' is no parameter",
                   .hint = "write --param name=value"};
    }
    out.emplace_back(text.substr(0, equals), text.substr(equals + 1));
  }
  return out;
}

std::unique_ptr<ResultPrinter> make_printer(const Arguments& arguments, Console& console) {
  if (arguments.get("output") == "json") {
    return std::make_unique<JsonPrinter>(console);
  }
  if (arguments.get("format") == "csv") {
    return std::make_unique<CsvPrinter>(console);
  }
  return std::make_unique<TablePrinter>(console);
}

/// The line that the warehouse names as "(line 2, pos 4)", with a caret below the place.
Error with_excerpt(Error error, const std::string& sql) {
  constexpr std::string_view k_line = "(line ";
  constexpr std::string_view k_position = ", pos ";
  const auto begin = error.message.rfind(k_line);
  const auto middle = begin == std::string::npos ? begin : error.message.find(k_position, begin);
  const auto end = middle == std::string::npos ? middle : error.message.find(')', middle);
  if (end == std::string::npos) {
    return error;
  }
  const std::string_view text = error.message;
  const auto number = text.substr(begin + k_line.size(), middle - begin - k_line.size());
  std::int64_t line = 0;
  std::int64_t position = 0;
  const auto lines = split(sql, '\n');
  if (!parse_int64(number, line) ||
      !parse_int64(text.substr(middle + k_position.size(), end - middle - k_position.size()), position) || line < 1 ||
      static_cast<std::size_t>(line) > lines.size()) {
    return error;
  }
  const auto& excerpt = lines[static_cast<std::size_t>(line) - 1];
  if (position < 0 || static_cast<std::size_t>(position) > excerpt.size()) {
    return error;
  }
  const std::string margin(number.size(), ' ');
  error.message += "\n " + margin + " |\n " + std::string(number) + " | " + excerpt + "\n " + margin + " | " +
                   std::string(static_cast<std::size_t>(position), ' ') + "^";
  return error;
}

Result<Report> run_statements(const Arguments& arguments, Context& context, workspace_client::RestClient& client) {
  PIER_TRY_ASSIGN(const auto list, statements(arguments, context));
  SqlStatement statement{.catalog = arguments.get("catalog"), .schema = arguments.get("schema")};
  PIER_TRY_ASSIGN(statement.parameters, parameters(arguments));
  const auto wanted = arguments.get("warehouse", context.env.get("DATABRICKS_WAREHOUSE_ID").value_or(""));
  PIER_TRY_ASSIGN(statement.warehouse, find_warehouse(client, wanted));
  const auto printer = make_printer(arguments, context.console);
  const SqlReader reader{.on_columns = [&](const auto& columns) { printer->begin(columns); },
                         .on_rows = [&](const Json& rows) { printer->rows(rows); }};
  for (const auto& sql : list) {
    statement.sql = sql;
    if (auto done = run_sql(client, statement, reader); !done) {
      return with_excerpt(std::move(done).error(), sql);
    }
    printer->end();
    const auto used = used_names(sql);
    statement.catalog = used.catalog.empty() ? statement.catalog : used.catalog;
    statement.schema = used.schema.empty() ? statement.schema : used.schema;
  }
  return Report{};
}

Result<Report> run(const Arguments& arguments, Context& context) {
  if (!arguments.has("target")) {
    PIER_TRY_ASSIGN(const auto workspace, open_workspace(arguments, context));
    return run_statements(arguments, context, *workspace.client);
  }
  Report report;
  PIER_TRY_ASSIGN(const auto target, open_target(arguments, context, report));
  if (!target) {
    return report;
  }
  return run_statements(arguments, context, target->session->client);
}

} // namespace

CommandSpec sql_command() {
  return {.name = "sql",
          .summary = "Run SQL statements on a warehouse",
          .description = "Statements are separated by semicolons and run in order; the first that fails ends the run.\n"
                         "Long results are read page by page. -o json prints numbers with all their digits.",
          .options = {{.name = "file",
                       .short_name = 'f',
                       .value = "FILE",
                       .help = "statements from a file; -: from standard input"},
                      {.name = "format",
                       .value = "FORMAT",
                       .help = "how to print rows",
                       .choices = {"table", "csv"},
                       .default_value = "table"},
                      {.name = "param", .value = "NAME=VALUE", .help = "value of :name, a text", .repeatable = true},
                      {.name = "catalog", .value = "NAME", .help = "catalog of names without one"},
                      {.name = "schema", .value = "NAME", .help = "schema of names without one"},
                      {.name = "warehouse", .value = "ID", .help = "default: the first that you may use"}},
          .positionals = {{.name = "SQL", .help = "statements", .required = false, .repeatable = true}},
          .examples = {"pier sql \"SELECT * FROM main.gold.delayed_flights LIMIT 5\"",
                       "pier sql -f gold.sql --format csv", "pier sql \"SELECT :n\" --param n=5 -o json"},
          .run = run};
}

} // namespace pier::cli
