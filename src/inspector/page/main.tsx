import { render } from 'hono/jsx/dom'
import { Shell } from './shell.js'

const root = document.querySelector<HTMLElement>('#page')
if (root) render(<Shell />, root)
