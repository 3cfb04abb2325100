#include "cli/render/plan_text.hpp"

#include <algorithm>

namespace pier::cli {
namespace {

using deploy::Action;

constexpr std::size_t k_verb_width = 12;
constexpr std::size_t k_value_width = 60;

std::string padded(std::string text, std::size_t width) {
  text.resize(std::max(width, text.size()), ' ');
  return text;
}

std::string coloured_verb(Action action, std::string_view word, const Style& style) {
  const auto text = padded(std::string(word), k_verb_width);
  switch (action) {
  case Action::create: return style.green(text);
  case Action::remove:
  case Action::recreate: return style.red(text);
  default: return style.yellow(text);
  }
}

std::string short_value(const Json& value) {
  if (value.is_null()) {
    return "(not set)";
  }
  auto text = value.dump();
  if (text.size() > k_value_width) {
    // Not in the middle of a character.
    auto end = k_value_width;
    while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80U) {
      --end;
    }
    text = text.substr(0, end) + "…";
  }
  return text;
}

std::string why(const deploy::FieldChange& change) {
  if (change.before == change.after) {
    return "changed in the workspace";
  }
  if (change.action == Action::recreate) {
    return "cannot be changed in place";
  }
  return change.reason;
}

std::string field_line(const std::string& path, const deploy::FieldChange& change, const Style& style) {
  const bool drift = change.before == change.after;
  auto line = std::string(k_verb_width, ' ') + (path.empty() ? "" : path + ": ") +
              short_value(drift ? change.remote : change.before) + " → " + short_value(change.after);
  if (const auto reason = why(change); !reason.empty()) {
    line += style.dim("  " + reason);
  }
  return line + "\n";
}

std::string entry_text(const std::string& key, const deploy::PlanEntry& entry, const Style& style) {
  auto text = coloured_verb(entry.action, deploy::verb(entry.action), style) + deploy::short_key(key);
  if (entry.gone) {
    text += style.dim("  (gone already)");
  } else if (entry.action == Action::create && !entry.changes.empty()) {
    text += style.dim("  (is missing in the workspace)");
  }
  text += "\n";
  if (entry.action == Action::create || entry.action == Action::remove) {
    return text;
  }
  for (const auto& [path, change] : entry.changes) {
    if (change.action != Action::skip) {
      text += field_line(path, change, style);
    }
  }
  return text;
}

} // namespace

std::string render_plan(const deploy::PlanResult& result, const Style& style) {
  std::string text;
  for (const auto& [key, entry] : result.plan.entries) {
    if (entry.action != Action::skip) {
      text += entry_text(key, entry, style);
    }
  }
  for (const auto& key : result.changed_code) {
    text += coloured_verb(Action::update, "deploy code", style) + deploy::short_key(key) +
            style.dim("  its files changed") + "\n";
  }
  const auto counts = result.plan.counts();
  if (!text.empty()) {
    text += "\n";
  }
  text += "Plan: " + std::to_string(counts.create) + " to add, " + std::to_string(counts.change) + " to change, " +
          std::to_string(counts.remove) + " to delete, " + std::to_string(counts.unchanged) + " unchanged";
  if (result.plan.not_selected > 0) {
    text += ", " + std::to_string(result.plan.not_selected) + " not selected";
  }
  return text + "\n";
}

std::string render_counts(const deploy::Plan& plan) {
  const auto counts = plan.counts();
  auto text = std::to_string(counts.create) + " created, " + std::to_string(counts.change) + " changed, " +
              std::to_string(counts.remove) + " deleted, " + std::to_string(counts.unchanged) + " unchanged";
  if (plan.not_selected > 0) {
    text += ", " + std::to_string(plan.not_selected) + " not selected";
  }
  return text;
}

} // namespace pier::cli
