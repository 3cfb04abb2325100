#include "core/base/explanations.hpp"

#include <array>

namespace pier {

std::span<const Explanation> explanations() {
  static constexpr std::array k_texts = {
      Explanation{"PIER0101", "a text is not valid JSON", "The message names the byte where reading stopped."},
      Explanation{"PIER0102", "the file system refuses",
                  "A file could not be read or written; the reason is the system's."},
      Explanation{"PIER0103", "the disk is full",
                  "Nothing was half-written: files are replaced as one step. Free some space and run the\n"
                  "command again; it goes on where it stopped."},
      Explanation{"PIER0104", "a file is too large",
                  "pier bounds what it reads into memory; the message names the limit."},
      Explanation{"PIER0105", "a path leaves its folder",
                  "A relative path points outside the folder it belongs to, by `..` or through a link."},
      Explanation{"PIER0106", "a lock is taken", "Another process works on the same thing. Wait for it, or stop it."},
      Explanation{"PIER0107", "broken encoding", "A base64, hexadecimal or percent-encoded text is not valid."},
      Explanation{"PIER0108", "not a time", "Times are written as in RFC 3339: 2026-11-24T10:00:00Z."},
      Explanation{"PIER0109", "a library is missing",
                  "A part that pier loads on first use is not installed. `scripts/setup` installs all of them."},
      Explanation{"PIER0110", "a program cannot be started", "It is not installed, not on PATH, or not executable."},
      Explanation{"PIER0111", "interrupted", "Ctrl-C or a signal asked pier to stop. Run the command again to go on."},
      Explanation{"PIER0112", "a program did not end in time", "It was stopped together with its children."},
      Explanation{"PIER0113", "too many folders are watched",
                  "The kernel bounds how many folders all programs of a user may watch. Raise the limit with the\n"
                  "command that the message names, or let .gitignore name folders that need not be watched."},
  };
  return k_texts;
}

} // namespace pier
