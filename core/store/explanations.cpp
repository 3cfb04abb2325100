#include "core/store/explanations.hpp"

#include <array>

namespace pier::store {

std::span<const Explanation> explanations() {
  static constexpr std::array k_all = {
      Explanation{
          "PIER0301", "a statement on the workspace's database fails",
          "SQLite refused a statement for a reason that is not the caller's. The message names SQLite's reason.\n"
          "If it repeats, run `pier local stop`, copy the workspace folder away and report the message.\n"},
      Explanation{"PIER0302", "the workspace was made by a newer pier",
                  "workspace.db has tables of a later version than this program knows.\n"
                  "Use the newer pier, or start an empty workspace: `pier local reset`, or another PIER_HOME.\n"},
      Explanation{"PIER0303", "the workspace's database is damaged or is no database",
                  "SQLite cannot read workspace.db. A backup or an empty workspace (`pier local reset`) helps.\n"},
      Explanation{
          "PIER0304", "an entry violates a rule of the database",
          "Something that must be unique exists already, or an entry refers to another one that is not there.\n"},
      Explanation{
          "PIER0305", "the workspace's database is in use by another program",
          "Another process holds a lock on workspace.db. Close it (an sqlite3 shell, a copy job) and try again.\n"},
  };
  return k_all;
}

} // namespace pier::store
