#include "cli/explanations.hpp"

#include <array>

namespace pier::cli {

std::span<const Explanation> explanations() {
  static constexpr std::array k_texts = {
      Explanation{"PIER0001", "the command line is wrong",
                  "A command, an option or a value is unknown or missing. The message names the nearest\n"
                  "spelling; `pier COMMAND --help` shows what the command takes."},
      Explanation{"PIER0002", "unknown error code", "`pier explain` without a code lists all of them."},
      Explanation{"PIER0003", "a question could not be asked",
                  "A command needs an answer, but standard input or standard error is no terminal (a pipe, a CI\n"
                  "job). Give the answer as an option; `pier COMMAND --help` lists them."},
      Explanation{
          "PIER0020", "the parameters of a run are wrong",
          "A job takes --params NAME=VALUE or those of its kind of task (--notebook-params, --python-params …);\n"
          "a pipeline takes --refresh, --full-refresh …. `pier bundle run --help` lists them."},
      Explanation{"PIER0021", "the command behind `--` is not on PATH",
                  "`pier bundle run -- COMMAND …` runs a program with the credentials of the target."},
      Explanation{"PIER0022", "a script takes no words",
                  "Scripts of the section `scripts` read environment variables: FOO=bar pier bundle run KEY."},
      Explanation{"PIER0023", "no shell can be started",
                  "Scripts and builds need bash or sh on PATH, and their folder."},
      Explanation{"PIER0024", "no single resource has that key",
                  "`pier bundle run` takes the key of a job, a pipeline, an app or a script of the bundle. When more\n"
                  "than one has it, write KIND.KEY: jobs.nightly."},
      Explanation{
          "PIER0025", "`pier bundle generate` cannot write that down",
          "The resource does not exist, an option is missing or excludes another, or a file is in the way: --force\n"
          "overwrites it. Files are written only when none of the downloaded ones is in the way."},
      Explanation{
          "PIER0026", "a generated file is not part of the bundle",
          "No pattern of `include` in databricks.yml names the file, so that a deploy does not see it. Add the\n"
          "pattern of the message to `include`."},
      Explanation{"PIER0027", "a run did not succeed",
                  "The job, pipeline or app ended with an error, or was not in the state that the command needs. The\n"
                  "message has the workspace's words; the address of the run leads to its output."},
      Explanation{"PIER0028", "a command of the official CLI that pier does not offer",
                  "The message says what to use instead."},
      Explanation{"PIER0030", "a SQL script ends inside a text",
                  "A quote or backtick of the script is never closed, so that its statements cannot be told apart."},
      Explanation{"PIER0031", "a SQL statement failed",
                  "The warehouse refused the statement or could not finish it. The message is the warehouse's own and\n"
                  "begins with the error's class: [TABLE_OR_VIEW_NOT_FOUND], [PARSE_SYNTAX_ERROR] ..."},
      Explanation{"PIER0032", "no SQL warehouse may be used",
                  "The workspace lists no warehouse on which the caller has CAN_USE. Name one with --warehouse ID or\n"
                  "ask its owner for the permission."},
      Explanation{"PIER0033", "there is no statement to run",
                  "`pier sql` takes statements as arguments or from a file: pier sql -f FILE."},
      Explanation{"PIER0034", "a SQL parameter is malformed",
                  "Write --param name=value; the statement refers to :name."},
      Explanation{"PIER0201", "not a table name", "Tables have three parts: catalog.schema.table."},
      Explanation{"PIER0202", "not a resource", "Resources of a bundle are written resources.KIND.KEY."},
      Explanation{"PIER9020", "the workspace has no such app",
                  "`pier open` and `pier logs` take the key of an app in the bundle, or the name of any app in the\n"
                  "workspace. Names of a development target carry its prefix. `pier status` lists what was deployed."},
  };
  return k_texts;
}

} // namespace pier::cli
