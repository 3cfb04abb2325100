#include "core/deploy/status.hpp"
#include "cli/command.hpp"
#include "cli/console.hpp"
#include "cli/session.hpp"
#include "core/base/text.hpp"

#include <algorithm>
#include <array>

namespace pier::cli {
namespace {

using Row = std::vector<std::string>;

/// Characters, not bytes.
std::size_t width_of(const std::string& text) {
  return static_cast<std::size_t>(
      std::count_if(text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; }));
}

/// Columns as wide as their longest cell, a heading above.
std::string table(std::string_view title, const std::vector<Row>& rows, const Style& style) {
  if (rows.empty()) {
    return {};
  }
  std::vector<std::size_t> widths(rows.front().size(), 0);
  for (const auto& row : rows) {
    for (std::size_t i = 0; i < row.size(); ++i) {
      widths[i] = std::max(widths[i], width_of(row[i]));
    }
  }
  auto text = style.bold(title) + "\n";
  for (const auto& row : rows) {
    std::string line = " ";
    for (std::size_t i = 0; i < row.size(); ++i) {
      line += " " + row[i] + std::string(widths[i] - width_of(row[i]) + 1, ' ');
    }
    text += line.substr(0, line.find_last_not_of(' ') + 1) + "\n";
  }
  return text + "\n";
}

std::string or_dash(const std::string& text) {
  return text.empty() ? "-" : text;
}

/// State in front of its explanation.
std::string with_message(const std::string& state, const std::string& message) {
  return message.empty() ? or_dash(state) : state + " (" + message.substr(0, message.find('\n')) + ")";
}

std::string render(const deploy::TargetStatus& status, const Style& style) {
  std::string text = "last deploy  " + (status.last_deploy.empty() ? "never" : status.last_deploy) + "\n\n";
  std::vector<Row> rows;
  for (const auto& app : status.apps) {
    rows.push_back({app.name, with_message(app.state, app.message), or_dash(app.url), join(app.users, ", ")});
  }
  text += table("Apps", rows, style);
  rows.clear();
  for (const auto& database : status.databases) {
    rows.push_back({database.name, or_dash(database.state), or_dash(database.host),
                    database.version.empty() ? "" : "PostgreSQL " + database.version});
  }
  text += table("Databases", rows, style);
  rows.clear();
  for (const auto& synced : status.synced_tables) {
    rows.push_back({synced.name, with_message(synced.state, synced.message), "version " + or_dash(synced.version),
                    or_dash(synced.synced_at), synced.lag});
  }
  text += table("Synced tables", rows, style);
  rows.clear();
  for (const auto& back : status.write_backs) {
    rows.push_back({back.table + " → " + back.target, or_dash(back.state), back.lag.empty() ? "" : "lag " + back.lag});
  }
  text += table("Write-back", rows, style);
  rows.clear();
  for (const auto& job : status.jobs) {
    rows.push_back({job.name, job.last_result.empty() ? "never ran" : job.last_result, or_dash(job.last_start)});
  }
  text += table("Jobs", rows, style);
  rows.clear();
  for (const auto& other : status.others) {
    rows.push_back({other.key, other.id});
  }
  text += table("Other", rows, style);
  rows.clear();
  for (const auto& key : status.not_deployed) {
    rows.push_back({key});
  }
  text += table("Not deployed", rows, style);
  text.pop_back();
  return text;
}

Result<Report> show_status(const Arguments& arguments, Context& context) {
  Report report;
  PIER_TRY_ASSIGN(const auto target, open_target(arguments, context, report));
  if (!target) {
    return report;
  }
  auto& session = *target->session;
  PIER_TRY_ASSIGN(const auto status, deploy::read_status(session));
  const auto style = context.console.out_style();
  report.text = style.bold(session.bundle.name) + ", target " + session.bundle.target + " at " +
                target->workspace.description + "\n" + render(status, style);
  report.json = status.to_json();
  report.json["bundle"] = session.bundle.name;
  report.json["target"] = session.bundle.target;
  report.json["workspace"] = session.client.host();
  return report;
}

} // namespace

CommandSpec status_command() {
  return {.name = "status",
          .summary = "Show how what was deployed is doing",
          .description = "Apps with state, URL and who may use them; databases; synced tables with version and lag;\n"
                         "write-back; jobs with their last run; the last deploy.",
          .examples = {"pier status", "pier status -t prod -o json"},
          .run = show_status};
}

} // namespace pier::cli
