import {
  createContext,
  type ReactNode,
  useContext,
  useEffect,
  useRef,
  useState,
  useSyncExternalStore,
} from 'react'
import type { ClassView } from '../../server/classroom/view'
import { type ClassModel, newClassModel } from './class-model'
import { type ClassStore, createClassStore } from './class-store'
import { deviceId } from './device-id'

const StoreContext = createContext<ClassStore | null>(null)

type Props = { classId: string; personId: string; children: ReactNode; fallback: ReactNode }

/** Connects to the class while it is on the page. */
export function ClassProvider({ classId, personId, children, fallback }: Props) {
  const [store, setStore] = useState<ClassStore | null>(null)
  useEffect(() => {
    const created = createClassStore(classId, personId, deviceId())
    created.start()
    setStore(created)
    return () => created.stop()
  }, [classId, personId])
  return store ? <StoreContext.Provider value={store}>{children}</StoreContext.Provider> : fallback
}

export function useClassStore(): ClassStore {
  const store = useContext(StoreContext)
  if (!store) throw new Error('useClassStore outside of ClassProvider')
  return store
}

/**
 * The part of the class that `select` picks; renders again only when that part is another (`Object.is`), so pick
 * what is in the model and derive from it afterwards.
 */
export function useClass<T>(select: (model: ClassModel) => T): T {
  const store = useClassStore()
  const latest = useRef(select)
  latest.current = select
  const pick = () => latest.current(store.read())
  return useSyncExternalStore(store.subscribe, pick, () => latest.current(newClassModel))
}

/** Inside the class screen, which is shown when it is known. */
export function useView<T>(select: (view: ClassView) => T): T {
  return useClass(({ view }) => {
    if (!view) throw new Error('useView before the first snapshot')
    return select(view)
  })
}
