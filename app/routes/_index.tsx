export default function StartPage() {
  return <main>Amphi</main>
}
