// Opens the Streamlit app by its sign-in link and prints the figures that it shows.
// Usage: node streamlit.mjs SIGN_IN_LINK [PICTURE.png]
import { withPage } from "./session.mjs";

const [link, picture] = process.argv.slice(2);

await withPage(async (page) => {
  await page.goto(link);
  await page.getByTestId("stMetricValue").first().waitFor({ timeout: 60_000 });
  const flights = await page.getByTestId("stMetricValue").first().innerText();
  await page.getByTestId("stDataFrame").first().waitFor();
  const person = await page.getByText("Signed in as").first().innerText();
  if (picture) {
    await page.screenshot({ path: picture });
  }
  return { flights: Number(flights.replaceAll(",", "")), person: person.replace("Signed in as", "").trim() };
});
