#include "core/deploy/action.hpp"

#include <algorithm>
#include <array>

namespace pier::deploy {
namespace {

struct Words {
  Action action;
  std::string_view name;
  std::string_view verb;
  std::string_view past;
};

constexpr std::array k_words = {
    Words{Action::undefined, "", "", ""},
    Words{Action::skip, "skip", "skip", "unchanged"},
    Words{Action::resize, "resize", "resize", "resized"},
    Words{Action::update, "update", "update", "updated"},
    Words{Action::update_id, "update_id", "update", "updated"},
    Words{Action::create, "create", "create", "created"},
    Words{Action::recreate, "recreate", "recreate", "recreated"},
    Words{Action::remove, "delete", "delete", "deleted"},
};

const Words& words_of(Action action) {
  return k_words[static_cast<std::size_t>(action)];
}

} // namespace

std::string_view to_string(Action action) {
  return words_of(action).name;
}

std::optional<Action> parse_action(std::string_view text) {
  const auto it = std::find_if(k_words.begin(), k_words.end(), [&](const Words& w) { return w.name == text; });
  return it == k_words.end() ? std::nullopt : std::optional(it->action);
}

std::string_view verb(Action action) {
  return words_of(action).verb;
}

std::string_view past_verb(Action action) {
  return words_of(action).past;
}

bool keeps_id(Action action) {
  return action == Action::undefined || action == Action::skip || action == Action::resize || action == Action::update;
}

Action heaviest(const FieldChanges& changes) {
  Action result = Action::skip;
  for (const auto& [path, change] : changes) {
    result = std::max(result, change.action);
  }
  return result;
}

bool changes_other_than(const FieldChanges& changes, std::initializer_list<std::string_view> fields) {
  return std::any_of(changes.begin(), changes.end(), [&](const auto& item) {
    return item.second.action != Action::skip && std::find(fields.begin(), fields.end(), item.first) == fields.end();
  });
}

} // namespace pier::deploy
